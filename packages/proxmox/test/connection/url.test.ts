import t from 'tap'
import { parseOrigin } from '../../src/connection/url.ts'

t.test('the port is 8006 unless the address has one', async t => {
  t.equal(parseOrigin('https://pve.example').origin, 'https://pve.example:8006')
  t.equal(parseOrigin('https://pve.example:8443/').origin, 'https://pve.example:8443')
  t.equal(parseOrigin('https://pve.example:443').origin, 'https://pve.example')
  t.equal(parseOrigin('https://[::1]').origin, 'https://[::1]:8006')
  t.equal(parseOrigin('https://10.0.0.1:8006/api2/json').origin, 'https://10.0.0.1:8006')
})

t.test('anything but an origin with https is refused', async t => {
  for (const url of [
    'http://pve.example',
    'pve.example',
    'https://user:password@pve.example',
    'https://pve.example/other',
    'https://pve.example/?x=1',
    'https://pve.example/#x',
    '',
  ]) {
    t.throws(() => parseOrigin(url), { code: 'PROXMOX_INPUT_INVALID', field: 'url' }, url)
  }
  try {
    parseOrigin('https://user:password@pve.example')
  } catch (error) {
    t.notMatch((error as Error).message, 'password@')
  }
})
