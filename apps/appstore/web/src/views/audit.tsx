import { useState } from 'preact/hooks'
import { system } from '../api/routes.ts'
import { Loading, useLoad } from '../parts/load.tsx'
import { Pager, type Pages } from '../parts/pager.tsx'
import { Title } from '../parts/title.tsx'

const words = { whole: 'Whole', broken: 'Broken', unavailable: 'Unavailable' } as const
const looks = { whole: 'ok', broken: 'failed', unavailable: 'warning' } as const

/** What was done as root, and whether the record of it is whole. */
export function Audit() {
  const [pages, setPages] = useState<Pages>([undefined])
  const before = pages.at(-1)
  const found = useLoad(before ?? '', () => system.audit(before))
  return (
    <>
      <Title>Audit</Title>
      <Loading of={found}>
        {({ records, verification: { state, text }, next }) => (
          <>
            <p>
              <span class={`badge ${looks[state]}`}>{words[state]}</span> {text}
            </p>
            {records.length === 0 ? (
              <p>No record.</p>
            ) : (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
              <section class="scroll" tabIndex={0} aria-label="Records">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">Time</th>
                      <th scope="col">Command</th>
                      <th scope="col">Phase</th>
                      <th scope="col">Outcome</th>
                      <th scope="col">What</th>
                    </tr>
                  </thead>
                  <tbody>
                    {records.map(record => (
                      <tr key={`${record.id} ${record.phase}`}>
                        <td>{record.at}</td>
                        <td>
                          <code>{record.command}</code>
                        </td>
                        <td>{record.phase}</td>
                        <td>{record.outcome ?? '–'}</td>
                        <td>{record.text}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </section>
            )}
            <Pager pages={pages} next={next} onPages={setPages} />
          </>
        )}
      </Loading>
    </>
  )
}
