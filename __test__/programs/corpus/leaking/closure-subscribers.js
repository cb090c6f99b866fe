'use strict'
// A store in a dozen lines, as every front end has one: subscribers in a Set, and a view that does not unsubscribe.
function createStore(state) {
  const subscribers = new Set()
  return {
    get: () => state,
    set(next) {
      state = next
      for (const subscriber of subscribers) subscriber(state)
    },
    subscribe(subscriber) {
      subscribers.add(subscriber)
      return () => subscribers.delete(subscriber)
    },
  }
}

const store = createStore({ count: 0 })

class View {
  constructor(id) {
    this.id = id
    this.shown = null
    store.subscribe((state) => { // the leak
      this.shown = state.count
    })
  }
}

function round(number) {
  for (let i = 0; i < 200; i++) new View(number * 200 + i)
  store.set({ count: number })
}

module.exports = { leaks: { cause: ['closure', 'listener'], class: ['View', 'function (anonymous)'], holder: 'subscribers' }, round }
