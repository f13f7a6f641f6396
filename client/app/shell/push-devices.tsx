import { ActionIcon, Switch } from '@mantine/core'
import { IconDeviceMobile, IconX } from '@tabler/icons-react'
import { useDesk, useInbox } from '../../react/index.ts'
import { useLanguage } from '../words/language.ts'
import { usePreferenceWords } from './preference-words.ts'
import { usePush } from './use-push.ts'
import { labelled } from '../words/labelled.ts'

/** This browser, and the others of the same person. */
export const PushDevices = () => {
  const words = usePreferenceWords()
  const { inbox } = useDesk()
  const { view } = useInbox()
  const push = usePush()
  const language = useLanguage()
  const devices = view?.devices ?? []
  const isHere = push.state === 'on' && devices.some(({ endpoint }) => endpoint === push.endpoint)
  const why = {
    looking: '',
    off: words.pushHint,
    on: words.pushHint,
    unsupported: words.pushUnsupported,
    denied: words.pushDenied,
    failed: words.pushFailed,
  }[push.state]
  return (
    <section className="card card-body record-stack" aria-label={words.push}>
      <h2 className="card-title">{words.push}</h2>
      <Switch
        label={words.pushHere}
        description={why}
        checked={isHere}
        disabled={push.state === 'looking' || push.state === 'unsupported' || push.state === 'denied'}
        onChange={event => {
          if (!event.currentTarget.checked) {
            void push.turnOff()
            return
          }
          void push.turnOn(deviceName())
          inbox.set({ language })
        }}
      />
      {devices.length > 0 && (
        <ul className="push-devices">
          {devices.map(({ id, name, endpoint }) => (
            <li key={id}>
              <IconDeviceMobile size={18} stroke={1.7} aria-hidden />
              <span>
                {name ?? words.pushDevice}
                {endpoint === push.endpoint && <span className="quiet"> · {words.pushThis}</span>}
              </span>
              <ActionIcon
                variant="subtle"
                color="gray"
                size="sm"
                aria-label={labelled(words.pushRemove, name ?? words.pushDevice)}
                onClick={() => {
                  if (endpoint === push.endpoint) void push.turnOff()
                  if (endpoint !== null) inbox.removeDevice(endpoint)
                }}
              >
                <IconX size={14} aria-hidden />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** «Firefox, Android»: enough to know one's own devices by. */
const deviceName = (): string => {
  const agent = navigator.userAgent
  const browser =
    ['Firefox', 'Edg', 'OPR', 'Chrome', 'Safari'].find(name => agent.includes(`${name}/`)) ?? 'Browser'
  const system = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS', 'Linux'].find(name =>
    agent.includes(name),
  )
  const known = { Edg: 'Edge', OPR: 'Opera' }[browser] ?? browser
  return system === undefined ? known : `${known}, ${system}`
}
