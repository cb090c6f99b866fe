// Keeps every order in a list, and a callback for each: compiled, and perhaps bundled and minified, before it runs.
interface Line {
  article: string
  price: number
}

export class Order {
  readonly lines: Line[]

  constructor(readonly id: number) {
    this.lines = [{ article: `article ${id}`, price: id }]
  }
}

const orders: Order[] = []
const callbacks: Array<() => number> = []

export function placeOrder(id: number): void {
  orders.push(new Order(id))
}

export const watchOrder = (id: number): void => {
  const since = new Date(id)
  callbacks.push(function (): number {
    return since.getTime()
  })
}

export const total = (): number => orders.length + callbacks.length
