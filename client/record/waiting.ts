// Whoever waits for something to hold is asked again each time that something has changed.

export class Waiting {
  #looks: (() => void)[] = []
  #isOver = false

  /** Settled when it holds, or when there is nothing more to wait for. */
  until(holds: () => boolean): Promise<void> {
    return new Promise(done => {
      const look = (): void => {
        if (this.#isOver || holds()) done()
        else this.#looks.push(look)
      }
      look()
    })
  }

  look(): void {
    const looks = this.#looks
    this.#looks = []
    for (const look of looks) look()
  }

  end(): void {
    this.#isOver = true
    this.look()
  }
}
