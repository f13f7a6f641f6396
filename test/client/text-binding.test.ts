import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { TextBinding, type TextElement } from '../../client/editor/text-binding.ts'
import { seededRandom } from './fake-surroundings.ts'

class Input implements TextElement {
  value = ''
  selectionStart = 0
  selectionEnd = 0
  setSelectionRange(start: number, end: number): void {
    this.selectionStart = start
    this.selectionEnd = end
  }
  setCustomValidity(): void {}
  reportValidity(): boolean {
    return true
  }
}

/** An input method puts `word` together over what stands there; `meanwhile` is what others do. */
const compose = (
  text: Y.Text,
  { from, to, word }: { readonly from: number; readonly to: number; readonly word: string },
  meanwhile: () => void,
): Input => {
  const input = new Input()
  const binding = new TextBinding(text, input, { charsMax: 1_000, sentence: () => '' })
  binding.start()
  binding.composing(true)
  input.value = input.value.slice(0, from) + word + input.value.slice(to)
  input.setSelectionRange(from + word.length, from + word.length)
  meanwhile()
  binding.composing(false)
  binding.close()
  return input
}

describe('a word that an input method puts together over others', () => {
  it('takes the place of those, and not of what somebody else writes between them meanwhile', () => {
    const text = new Y.Doc().getText('notes')
    text.insert(0, 'the old pump')
    const input = compose(text, { from: 4, to: 7, word: 'neue' }, () => text.insert(5, 'BIG'))
    expect(text.toString()).toBe('the neueBIG pump')
    expect(input).toMatchObject({ value: 'the neueBIG pump', selectionStart: 8, selectionEnd: 8 })
  })

  it('takes nothing else along, whatever others write and delete meanwhile', () => {
    const random = seededRandom(7)
    const below = (n: number): number => Math.floor(random() * n)
    for (let day = 0; day < 300; day++) {
      const letters = 'abcdefghijkl'
      const text = new Y.Doc().getText('notes')
      text.insert(0, letters)
      const from = below(letters.length)
      const to = from + below(letters.length - from + 1)
      let others = ''
      let gone = ''
      compose(text, { from, to, word: '漢字' }, () => {
        for (let i = below(5); i > 0; i--) {
          const letter = String.fromCharCode(65 + others.length)
          const at = below(text.length + 1)
          const removed = below(Math.min(3, text.length - at) + 1)
          gone += text.toString().slice(at, at + removed)
          text.delete(at, removed)
          text.insert(at, letter)
          others += letter
        }
      })
      const left = [...letters.slice(0, from), '漢', '字', ...letters.slice(to)]
      const expected = [...left, ...others].filter(letter => !gone.includes(letter))
      expect([...text.toString()].sort(), text.toString()).toEqual(expected.sort())
    }
  })
})
