'use strict'
// A queue of one's own, as a linked list: the producer is faster than the consumer and nobody holds it back.
class Task {
  constructor(id) {
    this.id = id
    this.next = null
    this.payload = { text: `task ${id}` }
  }
}

class TaskQueue {
  constructor() {
    this.head = null
    this.tail = null
  }

  push(task) { // the leak
    if (this.tail === null) this.head = task
    else this.tail.next = task
    this.tail = task
  }

  shift() {
    const first = this.head
    this.head = first.next
    return first
  }
}

const waiting = new TaskQueue()

function produce(id) { // the leak
  waiting.push(new Task(id))
}

function round(number) {
  for (let i = 0; i < 600; i++) produce(number * 600 + i)
  for (let i = 0; i < 200; i++) waiting.shift()
}

module.exports = { leaks: { cause: ['collection', 'other'], class: 'Task', holder: ['waiting', 'head'] }, round }
