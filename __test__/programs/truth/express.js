'use strict'
// An Express application with routers, middleware and locals, after some thousand requests.
const http = require('node:http')
const { once } = require('node:events')
const { many, fromCorpus } = require('./many.js')

class PlantedUser {
  constructor(name) {
    this.name = name
    this.rights = new Set(['read', name])
  }
}

module.exports = async () => {
  const express = fromCorpus('express')
  const app = express()
  const users = new Map()
  app.locals.users = users
  app.use(express.json())
  app.use((request, response, next) => {
    response.locals.user = users.get(request.query.user) ?? new PlantedUser(request.query.user)
    next()
  })
  for (let at = 0; at < 50; at++) {
    const router = express.Router()
    router.get('/show/:id', (request, response) => {
      users.set(request.query.user, response.locals.user)
      response.json({ id: request.params.id, at })
    })
    app.use(`/area${at}`, router)
  }
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = new http.Agent({ keepAlive: true, maxSockets: 10 })
  for (let round = 0; round < 30; round++) {
    await Promise.all(many(10, async (at) => {
      const path = `/area${at}/show/${round}?user=u${round * 10 + at}`
      const [response] = await once(http.get({ host: '127.0.0.1', port: server.address().port, path, agent }), 'response')
      await once(response.resume(), 'end')
    }))
  }
  return { app, server, agent, users }
}
