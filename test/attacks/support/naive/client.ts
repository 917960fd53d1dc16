// Sends each line of a JSON array on a connection of its own, all at once, and prints the answers in their order.
import { connect } from 'node:net'
import { naiveSocket } from './paths.ts'

const lines = JSON.parse(await new Response(process.stdin as never).text()) as string[]
const ask = (line: string): Promise<string> =>
  new Promise(resolve => {
    const socket = connect(naiveSocket)
    let text = ''
    socket.on('data', chunk => {
      text += chunk
    })
    socket.on('error', error => resolve(JSON.stringify({ error: String(error) })))
    socket.on('close', () => resolve(text))
    socket.write(`${line}\n`)
  })
process.stdout.write(JSON.stringify(await Promise.all(lines.map(ask))))
