import { readJson } from '../../packages/privexec/src/wire/json.ts'
import { messageSchemas } from '../../packages/privexec/src/wire/message.ts'
import { z } from '../../packages/privexec/test/support/zod.ts'
import { attack } from './support/attack.ts'
import { ask, execFrame, mustRefuse, speak } from './support/frames.ts'
import { askNaive, withNaive } from './support/naive/naive.ts'
import { askStore, daemonOf, rootPolicies } from './support/root-side.ts'
import { any, appears, inContainer, policyText, readPolicy, setScene } from './support/scene.ts'
import { trace } from './support/trace.ts'

setScene()

const touched = '/root/touched'
const command = JSON.stringify(['touch', touched])
const line = (more: string) => `{"user":"mallory","verb":"exec","command":${command},${more}}`
const request = (input: string, more = '') => `{"protocol":1,"command":"pct.exec","input":{${input}}${more}}`

/** Texts that two readers of JSON may understand differently, or that reach behind the objects that they make. */
const doubles = [
  request(`"vmid":20001,"vmid":104,"command":${command}`),
  request(`"vmid":104,"vmid":20001,"command":${command}`),
  request(`"vmid":20001,"v\\u006did":104,"command":${command}`),
  request(`"vmid":104,"command":${command}`, `,"input":{"vmid":20001,"command":${command}}`),
  request(`"vmid":20001,"command":["true"],"command":${command}`),
  request(`"vmid":20001,"command":${command}`, ',"protocol":1'),
  request(`"__proto__":{"vmid":20001},"command":${command}`),
  request(`"vmid":20001,"command":${command},"__proto__":{"admin":true}`),
  request(`"vmid":20001,"command":${command}`, ',"__proto__":{"isPrincipal":true}'),
  request(`"vmid":20001,"command":${command}`, ',"constructor":{"prototype":{"isPrincipal":true}}'),
  request(`"vmid":20001,"command":{"0":"touch","1":"${touched}","length":2}`),
  request(`"vmid":{"valueOf":20001},"command":${command}`),
  ...['1e400', '-20001', '20001e-1', '"20001"', '104e0', '0.104e3', 'null', 'true', '[20001]'].map(id =>
    request(`"vmid":${id},"command":${command}`),
  ),
  ...['020001', '0x4e21', '+20001', '20001.', 'NaN', 'Infinity', '20_001', "'20001'"].map(id =>
    request(`"vmid":${id},"command":${command}`),
  ),
  ...['hasOwnProperty', 'toString', 'constructor', 'prototype'].map(name =>
    request(`"${name}":20001,"command":${command}`),
  ),
  `\ufeff${request(`"vmid":20001,"command":${command}`)}`,
  `${request(`"vmid":20001,"command":${command}`)}{}`,
  `[${request(`"vmid":20001,"command":${command}`)}]`,
]

attack({
  id: 'A47',
  title: 'a request means one thing only: no key twice, none that reaches a prototype, one spelling of a number',
  shown:
    'a helper looks at the first of two ids and uses the second, and a key `__proto__` makes everybody its administrator',
  baseline: () =>
    withNaive(async () => {
      const isAdmin = line('"vmid":20001,"__proto__":{"admin":true}')
      const twice = line('"vmid":20001,"vmid":104,"admin":true')
      const byProto = await appears(inContainer(20001, touched), () => askNaive('mallory', [isAdmin]))
      return byProto && (await appears(inContainer(104, touched), () => askNaive('mallory', [twice])))
    }),
  ours: {
    daemon: async () => {
      await daemonOf(rootPolicies.store())
      const say = async (text: string) => {
        const [heard] = await askStore([text])
        return heard?.frames.some(({ name }) => name === 'accepted') === true
      }
      const made = await any([20001, 104], vmid => appears(inContainer(vmid, touched), () => askStore(doubles)))
      // The prototype of nothing was touched: an honest request is what it was, and one without a right has none.
      mustRefuse(await askStore([execFrame(['true'], 104)]), 'PRIVEXEC_OUT_OF_BOUNDS')
      return made || !(await say(request(`"vmid":20001,"command":["true"]`)))
    },
  },
  onDaemon: {
    stoppedBy:
      'JSON with a key twice, a key that is no plain name, or more than eight levels is refused; objects are strict; what is used is made anew from what was checked',
  },
  notApplicable: { sudo: 'root gets an argv, and no text that anybody could read in two ways' },
})

const [small, factor] = [4000, 4]

/** Texts that make expressions with ambiguous repetitions slow: long runs that fit, and an end that does not. */
const adversarial = (size: number): string[] => {
  const parts = [
    'a',
    '0',
    '/a',
    'a/',
    '-',
    '_',
    ' a',
    'a ',
    '20001',
    'tank/pgd/databases/shop/',
    '\\',
    '"',
    '[]',
    '{"a":',
    '0644',
  ]
  return parts.flatMap(part =>
    ['', '!', '\n', '\u0000', '"'].map(end => part.repeat(Math.ceil(size / part.length)).slice(0, size) + end),
  )
}

/** Least time of the processor for some tries, in milliseconds: on a busy machine that of a clock says nothing. */
function time(action: () => unknown, tries = 3): number {
  const now = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  }
  const times = Array.from({ length: tries }, () => {
    const began = now()
    for (let turn = 0; turn < 5; turn++) action()
    return now() - began
  })
  return Math.min(...times)
}

/** Whether four times the text takes far more than four times the time, at each of some looks: once may be the machine. */
function isSlow(what: string, judge: (text: string) => unknown): boolean {
  const [short, long] = [adversarial(small), adversarial(small * factor)]
  return long.some((text, at) =>
    Array.from({ length: 4 }).every(() => {
      const [few, many] = [time(() => judge(short[at] ?? '')), time(() => judge(text))]
      if (many < 5 || many < few * factor * 2.5) return false
      trace({ what, few, many, text: text.slice(0, 20) })
      return true
    }),
  )
}

const quietly = (judge: (text: string) => unknown) => (text: string) => {
  try {
    judge(text)
  } catch {
    // It is refused, which is fine.
  }
}

attack({
  id: 'A48',
  title: 'no text makes an expression of ours take more time than its length explains',
  shown: 'a name of 29 characters keeps a helper busy whose expression has a repetition in a repetition',
  stoppedBy:
    'expressions are sequences of sets with bounds, and values have lengths: four times the text, about four times the time',
  baseline: () =>
    withNaive(async () => {
      const ask = async (length: number) => {
        const began = performance.now()
        await askNaive('appstore', [{ user: 'appstore', verb: 'exec', vmid: 20001, name: `${'a'.repeat(length)}!` }])
        return performance.now() - began
      }
      await ask(1)
      return (await ask(29)) > (await ask(8)) * 3
    }),
  ours: {
    definition: async () => {
      const policies = await Promise.all([policyText('appstore'), policyText('pgd')].map(readPolicy))
      const grants = policies.flatMap(policy => policy.grants)
      const wholes = grants.map(({ pattern }) => new RegExp(`^(?:${pattern.source})$`))
      const parts = grants.flatMap(({ slots }) => slots.flatMap(slot => (slot.kind === 'argument' ? [slot.type] : [])))
      const schemas = parts.map(type => type.schema(z))
      return (
        wholes.some(each => isSlow(String(each).slice(0, 60), text => each.test(text))) ||
        schemas.some((schema, at) =>
          isSlow(parts[at]?.name ?? '', text => [schema.safeParse(text), schema.safeParse([text, text])]),
        )
      )
    },
    daemon: async () => {
      const { request: schema } = messageSchemas(z)
      const read = quietly(text => schema.safeParse(readJson(Buffer.from(text))))
      const shapes = [
        (text: string) => text,
        (text: string) => JSON.stringify(text),
        (text: string) => `{"protocol":1,"command":${JSON.stringify(text)},"input":{}}`,
        (text: string) =>
          `{"protocol":1,"command":"pct.exec","input":{"vmid":20001,"command":[${JSON.stringify(text)}]}}`,
        (text: string) => `{"a":[${`"${'x'.repeat(20)}",`.repeat(text.length / 23)}1]}`,
      ]
      if (shapes.some((shape, at) => isSlow(`reader ${at}`, text => read(shape(text))))) return true
      // The whole way, in the daemon itself: the longest request beside a short one.
      const took = async (length: number) => {
        const texts = adversarial(length).slice(0, 12)
        const heard = await speak(
          'appstore',
          texts.map(text => ask('store_root', execFrame([text, text]))),
          { together: 1 },
        )
        return heard.reduce((sum, { took: one }) => sum + one, 0)
      }
      await daemonOf(rootPolicies.store())
      const [short, long] = [await took(1000), await took(16_000)]
      trace({ short, long })
      return long > 1000 && long > short * 16 * 2.5
    },
  },
  onDaemon: { stoppedBy: 'as with sudo; the reader of JSON takes one pass, and a request has 65,536 bytes at most' },
})
