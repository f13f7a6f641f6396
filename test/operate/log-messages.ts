import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'

export interface LogMessage {
  readonly level: string
  /** As written; `…` stands for what a template puts in. */
  readonly text: string
  readonly file: string
}

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace']

/** Every message that the server's sources give to a logger. */
export function logMessages(root: string): LogMessage[] {
  const files = readdirSync(join(root, 'server'), { recursive: true, encoding: 'utf8' })
  return files
    .filter(file => file.endsWith('.ts'))
    .flatMap(file => messagesIn(`server/${file}`, readFileSync(join(root, 'server', file), 'utf8')))
}

function messagesIn(file: string, source: string): LogMessage[] {
  const found: LogMessage[] = []
  new Visitor({
    CallExpression({ callee, arguments: args }) {
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return
      const { name } = callee.property
      const { object } = callee
      const owner = source.slice(object.start, object.end)
      if (!levels.includes(name) || !/(^|\W|#)log(ger)?$/i.test(owner)) return
      const message = args.length > 1 ? args[1] : args[0]
      for (const text of message === undefined ? [] : textsOf(message, source)) {
        found.push({ level: name, text, file })
      }
    },
  }).visit(parseSync(file, source).program)
  return found
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}

/** One for a string, two for a choice; a variable is what a person did wrong, in its own words: `…`. */
function textsOf(node: Node, source: string): string[] {
  const code = source.slice(node.start, node.end)
  if (node.type === 'Literal') return [code.slice(1, -1)]
  if (node.type === 'TemplateLiteral') return [code.slice(1, -1).replaceAll(/\$\{[^}]*\}/g, '…')]
  if (node.type === 'ConditionalExpression') {
    const { consequent, alternate } = node as Node & { consequent: Node; alternate: Node }
    return [consequent, alternate].flatMap(each => textsOf(each, source))
  }
  if (node.type === 'BinaryExpression') {
    const { left, right } = node as Node & { left: Node; right: Node }
    const [before = ''] = textsOf(left, source)
    const [after = ''] = textsOf(right, source)
    return [before + after]
  }
  return ['…']
}
