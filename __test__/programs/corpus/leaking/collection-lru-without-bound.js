'use strict'
// lru-cache with a time to live and no `max`: what is too old is only taken out when somebody asks for it again.
const { LRUCache } = require('lru-cache')

class Profile {
  constructor(user) {
    this.user = user
    this.name = `user number ${user}`
    this.groups = ['everybody']
  }
}

let profiles

function profileOf(user) { // the leak
  if (!profiles.has(user)) profiles.set(user, new Profile(user))
  return profiles.get(user)
}

function setup() {
  profiles = new LRUCache({ ttl: 1 })
}

function round(number) {
  for (let i = 0; i < 600; i++) profileOf(number * 600 + i)
}

module.exports = {
  leaks: { cause: 'collection', class: 'Profile', holder: ['profiles', 'valList'] },
  miss: 'the holder is told by its name within the library, which is minified, and not by the variable that has the cache',
  setup,
  round,
}
