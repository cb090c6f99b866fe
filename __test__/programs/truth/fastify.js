'use strict'
// A Fastify application with schemas, hooks and plugins, asked without a socket.
const { many, fromCorpus } = require('./many.js')

class PlantedOrder {
  constructor(number) {
    this.number = number
    this.lines = many(3, (line) => ({ line, text: `order ${number}, line ${line}` }))
  }
}

module.exports = async () => {
  const app = fromCorpus('fastify')({ logger: false })
  const orders = []
  app.decorateRequest('order', null)
  app.addHook('preHandler', async (request) => {
    request.order = new PlantedOrder(orders.length)
  })
  app.register(async (scope) => {
    for (let at = 0; at < 20; at++) {
      const schema = { response: { 200: { type: 'object', properties: { number: { type: 'integer' } } } } }
      scope.get(`/orders${at}`, { schema }, async (request) => {
        orders.push(request.order)
        return request.order
      })
    }
  })
  await app.ready()
  for (let at = 0; at < 400; at++) await app.inject({ url: `/orders${at % 20}` })
  return { app, orders }
}
