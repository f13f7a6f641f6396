import { beforeEach, describe, expect, it } from 'vitest'
import { TurnEnd } from '../server/turn-end.ts'

describe('the end of a turn', () => {
  let callbacks: (() => void)[]
  let turnEnd: TurnEnd
  let done: string[]
  const note = (what: string) => (): void => {
    done.push(what)
  }
  /** One turn of the loop: what was asked for by its beginning. */
  const turn = (): void => {
    for (const run of callbacks.splice(0)) run()
  }

  beforeEach(() => {
    callbacks = []
    done = []
    turnEnd = new TurnEnd(run => callbacks.push(run))
  })

  it('is one callback: the rooms, and then the commit, also one that a room asked for just then', () => {
    turnEnd.soon(() => {
      note('room a')()
      turnEnd.commitSoon(note('commit'))
    })
    turnEnd.soon(note('room b'))
    expect(callbacks).toHaveLength(1)
    turn()
    expect(done).toEqual(['room a', 'room b', 'commit'])
    turn()
    expect(done).toHaveLength(3)
  })

  it('comes for a commit that no room asked for, too', () => {
    turnEnd.commitSoon(note('commit'))
    turn()
    expect(done).toEqual(['commit'])
  })

  it('leaves what is asked for while it is there to the next, so that reads have their turn between', () => {
    turnEnd.soon(() => turnEnd.soon(note('again')))
    turn()
    expect(done).toEqual([])
    turn()
    expect(done).toEqual(['again'])
  })

  it('takes nobody’s turn and no commit away because one of the rooms fails', () => {
    turnEnd.soon(() => {
      throw new Error('a fault')
    })
    turnEnd.soon(() => {
      note('room b')()
      turnEnd.commitSoon(note('commit b'))
    })
    turnEnd.commitSoon(note('commit a'))
    expect(turn).toThrow('a fault')
    expect(done).toEqual(['commit a'])
    turn()
    expect(done).toEqual(['commit a', 'room b', 'commit b'])
  })
})
