import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import {
  defineRecord,
  fieldIn,
  list,
  localId,
  noticeIn,
  oneOf,
  refusalIn,
  text,
  titleIn,
} from '../../shared/index.ts'
import { Inbox } from '../../shared/types/inbox.ts'
import { demoRecords } from '../../shared/types/demo-records.ts'
import { Availability } from '../../shared/types/scheduling.ts'
import { inEachLanguage } from '../../shared/types/notice-sentences.ts'

const Job = defineRecord('job', {
  fields: {
    takenBy: text.line(),
    state: oneOf('open', 'done'),
    steps: list({ label: text.line(), note: text.line() }),
  },
  title: (t, say) => say('Job of {} ({})', t.takenBy ?? '', t.steps.length),
  words: {
    fr: {
      titles: { 'Job of {} ({})': 'Travail de {} ({})' },
      fields: { takenBy: 'technicien', steps: 'étapes', 'steps.label': 'intitulé' },
      sentences: { 'the job is done': 'le travail est terminé', 'only {} of {} left': 'sur {}, {} restent' },
    },
    sr: { fields: { takenBy: 'majstor' } },
  },
})

describe('a field', () => {
  it('is called as its type says in this language, a part of an entry by its own word or its list’s', () => {
    const inFrench = (name: string): string => fieldIn(Job, 'fr', name)
    expect(['takenBy', 'steps.label', 'steps.note', 'state'].map(inFrench)).toEqual([
      'technicien',
      'intitulé',
      'étapes',
      'state',
    ])
    for (const language of ['en', 'de', '', '__proto__', 'constructor'])
      expect(fieldIn(Job, language, 'takenBy')).toBe('taken by')
    expect(fieldIn(Job, 'fr', '__proto__')).toBe('__proto__')
  })

  it('is asked for by what there is; of what is not there yet, and of no refusal, nothing is said', () => {
    expect(titleIn(Job, 'fr', undefined)).toBe('')
    for (const none of [null, undefined]) expect(refusalIn(Job, 'fr', none)).toBe('')
    const missing = undefined as never
    for (const ask of [
      () => fieldIn(missing, 'fr', 'takenBy'),
      () => titleIn(missing, 'fr', missing),
      () => refusalIn(missing, 'fr', { sentence: 'no' }),
      () => localId(missing, 'job:1'),
    ])
      expect(ask).toThrow('«undefined» is no record type')
    expect(() => fieldIn(Job, 'fr', missing)).toThrow('«undefined» is no name of a field')
  })

  it('that there is not cannot be named: a mistake is an error where the type is declared', () => {
    const fields = { title: text.line() }
    expect(() =>
      // @ts-expect-error: there is no such field.
      defineRecord('x', { fields, words: { fr: { fields: { titel: 'titre' } } } }),
    ).toThrow('x: words.fr names «titel»')
  })

  it.each(['sr', 'fr'])('of every record of the five systems has a word in %s', language => {
    const missing = demoRecords
      // The lab is a playground, and its page has words of its own.
      .filter(({ name }) => name !== Inbox.name && !name.startsWith('lab_'))
      .flatMap(type =>
        Object.keys(type.fields)
          .filter(name => type.words[language]?.fields?.[name] === undefined)
          .map(name => `${type.name}.${name}`),
      )
    expect(missing).toEqual([])
  })
})

describe('a record', () => {
  it('is called in the reader’s language, with what people wrote as they wrote it', () => {
    const view = { takenBy: '$& {} Ann', steps: [1, 2] } as never
    expect(['en', 'fr', 'sr', 'de', '__proto__'].map(language => titleIn(Job, language, view))).toEqual([
      'Job of $& {} Ann (2)',
      'Travail de $& {} Ann (2)',
      'Job of $& {} Ann (2)',
      'Job of $& {} Ann (2)',
      'Job of $& {} Ann (2)',
    ])
    expect(Job.title(view)).toBe('Job of $& {} Ann (2)')
  })

  it('has the days of its title as the reader writes them, and no others', () => {
    const day = { staffName: '2026-13-01 Ana', date: '2026-03-12' } as never
    const known = ['en', 'fr', 'sr', '__proto__', ''].map(language => titleIn(Availability, language, day))
    expect(known.map(title => title.replace(/,? (on|le) /, ', '))).toEqual([
      '2026-13-01 Ana, 12 Mar 2026',
      '2026-13-01 Ana, 12 mars 2026',
      '2026-13-01 Ana, 12. mar 2026.',
      '2026-13-01 Ana, 12 Mar 2026',
      '2026-13-01 Ana, 12 Mar 2026',
    ])
    const params = { client: 'Mr White, 2026-03-12', when: '2026-03-12, 09:30' }
    const line = { type: 'availability', kind: 'booked', sentence: '', params }
    expect(noticeIn('fr', line)).toBe('Mr White, 2026-03-12 : 12 mars 2026, 09:30')
  })

  it.each(['sr', 'fr'])('of the five systems has words for all that titles say in %s', language => {
    const said = demoRecords
      .filter(({ name }) => !name.startsWith('lab_'))
      .flatMap(type => {
        const patterns = new Set<string>()
        for (const every of [null, 'x']) {
          // A record with nothing in it, and one with something in every field.
          const view = new Proxy({ id: `${type.name}:1` } as never, {
            get: (target, field) => target[field] ?? every,
          })
          type.title(view, english => {
            patterns.add(english)
            return english
          })
        }
        return [...patterns].map(pattern => ({ pattern, words: type.words[language]?.titles?.[pattern] }))
      })
    expect(said.length).toBeGreaterThan(10)
    for (const { pattern, words } of said)
      expect(words?.split('{}').length, pattern).toBe(pattern.split('{}').length)
  })

  it('of a line about several is called as its reader calls it', () => {
    const params = {
      title: 'Order 1',
      'title:sr': 'Porudžbina 1',
      record: 'Order 1',
      'record:sr': 'Porudžbina 1',
      fields: '',
    }
    const line = { type: 'order', kind: 'watching', sentence: '', params, title: 'Order 1' }
    expect(noticeIn('sr', line)).toContain('«Porudžbina 1»')
    expect(noticeIn('sr', { ...line, count: 3 })).toMatch(/^3 .*: Porudžbina 1$/)
    expect(noticeIn('fr', { ...line, count: 3 })).toMatch(/^3 .*: Order 1$/)
  })
})

describe('a reason', () => {
  it('is said in the words of the type, with what varies in its place, else by its code, else in English', () => {
    const say = (language: string, sentence: string, code?: string): string =>
      refusalIn(Job, language, code === undefined ? { sentence } : { sentence, code })
    expect(say('fr', 'the job is done', 'NOT_PERMITTED')).toBe('le travail est terminé')
    expect(say('fr', 'only $& of (3) left')).toBe('sur $&, (3) restent')
    expect(say('fr', 'must be a text', 'BAD_VALUE')).toBe('cette valeur n’est pas possible ici')
    expect(say('sr', 'the job is done', 'NOT_PERMITTED')).toBe('nemate pravo da ovo menjate')
    expect(say('sr', 'the job is done')).toBe('the job is done')
    expect(say('de', 'the job is done', 'NOT_PERMITTED')).toBe('the job is done')
    expect(say('fr', 'the job is done', '__proto__')).toBe('le travail est terminé')
    expect(say('fr', 'something else', '__proto__')).toBe('something else')
  })

  it('with words of people in it is read in one look, whatever they wrote', () => {
    const say = (sentence: string): string => refusalIn(Job, 'fr', { sentence })
    expect(say('only 1 of 2 of 3 left')).toBe('sur 1 of 2, 3 restent')
    expect(say('only one\nof two of three left')).toBe('sur one\nof two, three restent')
    for (const none of ['only  of 3 left', 'only 3 of  left', 'only of left', 'only left', 'only'])
      expect(say(none)).toBe(none)
    // By pairs of places it would take minutes.
    const long = `only ${'1 of '.repeat(300_000)}\n2 left.`
    expect(say(long)).toBe(long)
  })

  it('that is a list of roles is said with their names, one’s own by the name it has', () => {
    const say = (language: string): string =>
      refusalIn(Job, language, {
        sentence: 'only shift_lead or foreman may change this',
        code: 'NOT_PERMITTED',
      })
    expect(['en', 'sr', 'fr', 'de'].map(say)).toEqual([
      'only shift lead or foreman may change this',
      'menja samo: vođa smene ili foreman',
      'modifiable seulement par : chef d’équipe ou foreman',
      'only shift_lead or foreman may change this',
    ])
  })

  it.each(['sr', 'fr'])('that a rule of the five systems gives has words in %s', async language => {
    const folder = new URL('../../shared/types/', import.meta.url)
    const others = ['lab.ts', 'inbox.ts']
    const rules = (await readdir(folder)).filter(
      name => !name.endsWith('-words.ts') && !others.includes(name),
    )
    const texts = await Promise.all(rules.map(name => readFile(new URL(name, folder), 'utf8')))
    const said = texts.flatMap(text =>
      [...text.matchAll(/(?:\|\||[?:=])\s+'((?:only|the|it|ask|take|a|there|this) [^']+ [^']+)'/g)].map(
        ([, sentence = '']) => sentence,
      ),
    )
    expect(said.length).toBeGreaterThan(20)
    const silent = said.filter(sentence =>
      demoRecords.every(type => refusalIn(type, language, { sentence }) === sentence),
    )
    expect(silent).toEqual([])
  })
})

it('a notice carries its names in each language, and is said in the reader’s', () => {
  const line = {
    type: 'job',
    kind: 'watching',
    sentence: '«Roof» changed: taken by',
    params: { title: 'Roof', ...inEachLanguage('fields', language => fieldIn(Job, language, 'takenBy')) },
  }
  expect(['en', 'sr', 'fr', 'de'].map(language => noticeIn(language, line))).toEqual([
    '«Roof» changed: taken by',
    '«Roof» je promenjeno: majstor',
    '« Roof » a changé : technicien',
    '«Roof» changed: taken by',
  ])
})
