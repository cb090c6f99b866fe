'use strict'
// A server with middleware, routes and sessions in the manner of Express, and keep-alive clients of which some wait for an answer.
const http = require('node:http')
const { once } = require('node:events')
const { many } = require('./many.js')

class PlantedSession {
  constructor(id) {
    this.id = `session-${id}`
    this.visits = []
    this.touched = new Date(id)
  }
}

class PlantedRouter {
  routes = new Map()
  middleware = []
  use(handler) {
    this.middleware.push(handler)
    return this
  }
  get(path, handler) {
    this.routes.set(path, handler)
    return this
  }
  handle(request, response) {
    let at = 0
    const next = () => (at < this.middleware.length ? this.middleware[at++](request, response, next) : this.routes.get(request.url)?.(request, response))
    next()
  }
}

module.exports = async () => {
  const sessions = new Map()
  const router = new PlantedRouter()
    .use((request, _response, next) => {
      const id = request.headers['x-session']
      if (!sessions.has(id)) sessions.set(id, new PlantedSession(sessions.size))
      request.session = sessions.get(id)
      next()
    })
    .get('/', ({ session, headers }, response) => {
      session.visits.push({ at: session.visits.length, agent: headers['x-session'] })
      response.end('done')
    })
    .get('/slow', () => {})
  const server = http.createServer((request, response) => router.handle(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = new http.Agent({ keepAlive: true, maxSockets: 20 })
  const ask = (path, session) => http.get({ host: '127.0.0.1', port: server.address().port, path, agent, headers: { 'x-session': `s${session}` } })
  for (let round = 0; round < 20; round++) {
    const answers = many(20, async (at) => {
      const [response] = await once(ask('/', round * 10 + at), 'response')
      await once(response.resume(), 'end')
    })
    await Promise.all(answers)
  }
  const waiting = many(10, (at) => ask('/slow', at))
  await Promise.all(waiting.map(async (request) => {
    const [socket] = await once(request, 'socket')
    if (socket.connecting) await once(socket, 'connect')
  }))
  return { server, router, sessions, agent, waiting }
}
