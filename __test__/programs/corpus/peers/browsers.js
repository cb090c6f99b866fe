'use strict'
// Many browsers: sends requests to the program's server. Asked for `{ port, amount, connections, path, leaveAfterMs }` it
// answers when all are answered, or given up. With `stays` the connections outlast the answers until the next time.
const http = require('node:http')
const { serve } = require('./start.js')

const agents = new Map()

function agentFor(connections) {
  if (!agents.has(connections)) agents.set(connections, new http.Agent({ keepAlive: true, maxSockets: connections }))
  return agents.get(connections)
}

/** One request; resolves when its answer is over, or at once when nobody waits for one. */
function visit(port, path, agent, waits) {
  return new Promise((resolve, reject) => {
    const request = http.get({ port, path, agent, host: '127.0.0.1' }, (response) => response.resume().once('end', resolve))
    request.once('error', reject)
    if (!waits) request.once('socket', (socket) => socket.once('connect', resolve))
  })
}

serve(null, async ({ port, amount, connections = 8, path = '/', waits = true, stays = false, label = 0 }) => {
  const agent = waits ? agentFor(connections) : false
  let sent = 0
  const browse = async () => {
    while (sent < amount) await visit(port, path.replace('*', `${label}-${sent++}`), agent, waits)
  }
  await Promise.all(Array.from({ length: connections }, browse))
  if (waits && !stays) {
    agent.destroy()
    agents.delete(connections)
  }
  return { sent }
})
