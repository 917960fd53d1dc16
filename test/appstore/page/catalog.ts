import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Texts that a page must show and not obey. Each would set `globalThis.pwned`. */
export const evil = {
  name: '<img src=x onerror="pwned=1">',
  description: '<script>pwned=1</script> "><svg onload=pwned=1>',
  output: 'javascript:pwned=1',
  log: '<script>pwned=1</script><img src=x onerror=pwned=1>',
} as const

const readme = `# A heading

<script>pwned=1</script>
<img src=x onerror="pwned=1">
<a href="javascript:pwned=1">a script</a>
<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>
<form action="https://evil.example"><button>Send</button></form>
<div style="position:fixed;inset:0" onclick="pwned=1">over everything</div>

[a link of Markdown](javascript:pwned=1) [entities](&#106;avascript:pwned=1) [data](data:text/html,<script>pwned=1</script>)
![a picture](https://evil.example/seen.png) [a good one](https://example.org/)
`

const folder = '/srv/vault'

const vault = (version: string, paths: readonly string[]): string => `
id: vault
name: Vault
description: Keeps one word on a volume
version: ${version}
categories: [test]
maintainers: [Tests]
lxc:
  ostemplate: debian-12
  defaults: { unprivileged: true, cores: 1, memory_mb: 128, disk_gb: 1 }
inputs:
  - { key: word, label: Word, type: secret, required: true, reconfigurable: true }
  - { key: motto, label: Motto, type: string, default: none, reconfigurable: true }
volumes:
  - { name: data, mount_path: ${folder}, size_gb: 1, label: Data, required: true }
permissions: { paths: [${paths.join(', ')}] }
provisioning: { script: provision/install.py, timeout_sec: 60 }
outputs:
  - { key: file, label: File, value: ${folder}/word }
`

const vaultScript = (upgrade: string): string => `
from appstore import BaseApp, run


class Vault(BaseApp):
    def install(self):
        self.write_config("${folder}/word", "$word", word=self.inputs.string("word", ""))

    def configure(self):
        self.install()

    def upgrade(self):
        ${upgrade}


run(Vault)
`

const slow = `
from appstore import BaseApp, run


class Slow(BaseApp):
    def install(self):
        self.log.info("begun")
        self.run_command(["sleep", "4711"])


run(Slow)
`

const hostileScript = `
import sys

from appstore import BaseApp, run


class Hostile(BaseApp):
    def install(self):
        self.log.info("""${evil.log}""")
        sys.stdout.write("\\x1b]0;owned\\x07\\x1b[2J\\x1b[31mred\\u202e${evil.log}\\n")
        sys.stdout.flush()


run(Hostile)
`

const small = (id: string, more: string): string => `
id: ${id}
version: 1.0.0
categories: [test]
maintainers: [Tests]
lxc:
  ostemplate: debian-12
  defaults: { unprivileged: true, cores: 1, memory_mb: 128, disk_gb: 1 }
provisioning: { script: provision/install.py, timeout_sec: 60 }
${more}`

/** A catalog in a repository, which a test changes. */
export class TestCatalog {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
    mkdirSync(directory, { recursive: true })
    this.#git('init', '--quiet', '--initial-branch=main')
    this.vault('1.0.0', [folder], 'pass')
    this.#app('slow', small('slow', 'name: Slow\ndescription: Never ends\npermissions: { commands: [sleep] }'), slow)
    const { name, description, output } = evil
    const texts = `name: '${name}'\ndescription: '${description}'\noverview: '${description}'`
    const outputs = `outputs:\n  - { key: url, label: '${name}', value: '${output}' }`
    this.#app('hostile', small('hostile', `${texts}\n${outputs}`), hostileScript)
    this.#app('broken', small('broken', `${texts}\nhomepage: '${output}'`), slow)
    writeFileSync(join(directory, 'apps/hostile/README.md'), readme)
    this.commit()
  }

  get url(): string {
    return `file://${this.#directory}`
  }

  /** Writes a version of the app `vault`, and what its script does on upgrade. */
  vault(version: string, paths: readonly string[], upgrade: string): void {
    this.#app('vault', vault(version, paths), vaultScript(upgrade))
  }

  remove(app: string): void {
    rmSync(join(this.#directory, 'apps', app), { recursive: true })
  }

  commit(): void {
    this.#git('add', '--all')
    this.#git('-c', 'user.name=test', '-c', 'user.email=test@example.org', 'commit', '--quiet', '-m', 'a change')
  }

  #app(id: string, manifest: string, script: string): void {
    const app = join(this.#directory, 'apps', id)
    mkdirSync(join(app, 'provision'), { recursive: true })
    writeFileSync(join(app, 'app.yml'), manifest.trimStart())
    writeFileSync(join(app, 'provision/install.py'), script.trimStart())
  }

  #git(...args: readonly string[]): void {
    execFileSync('git', args, { cwd: this.#directory })
  }
}
