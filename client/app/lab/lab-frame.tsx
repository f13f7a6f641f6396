import { useEffect, useState } from 'react'
import { useDesk } from '../../react/index.ts'
import { useRoute } from '../route/route.ts'
import { sayTrouble } from '../record-page/say-trouble.ts'
import { StatusButton } from '../shell/status-button.tsx'
import { RefusedTray } from '../state/refused-tray.tsx'
import { doDeed } from './deeds.ts'
import { EstimateCard, TicketCard, TrebovanjeCard } from './frame-cards.tsx'
import {
  type FrameName,
  isFrameName,
  isOurs,
  type LabKind,
  recordIdOf,
  tellLab,
  type ToFrame,
} from './frames.ts'
import { useFrameFacts } from './use-frame-facts.ts'
import './lab.css'

/** One of the three clients, as its person sees it. */
export default function LabFrame() {
  const { parts, query } = useRoute()
  const frame = parts[2]
  if (!isFrameName(frame)) return null
  return <Client frame={frame} id={recordIdOf(query.get('run') ?? '')} first={query.get('kind')} />
}

interface ClientProps {
  readonly frame: FrameName
  readonly id: string
  readonly first: string | null
}

const Client = ({ frame, id, first }: ClientProps) => {
  const desk = useDesk()
  const [kind, setKind] = useState<LabKind>(first === 'estimate' || first === 'trebovanje' ? first : 'ticket')
  useFrameFacts(frame, id)
  useEffect(() => {
    const onMessage = (event: MessageEvent): void => {
      if (!isOurs(event)) return
      // Our own page's, which `isOurs` has checked.
      const message = event.data as ToFrame
      if (message.lab === 'show') setKind(message.kind)
      if (message.lab === 'deed') void desk.ready.then(() => doDeed(desk, id, message.deed)).catch(sayTrouble)
    }
    addEventListener('message', onMessage)
    tellLab({ lab: 'here', frame })
    return () => removeEventListener('message', onMessage)
  }, [desk, id, frame])
  const Card = { ticket: TicketCard, estimate: EstimateCard, trebovanje: TrebovanjeCard }[kind]
  return (
    <main className="lab-client" data-frame={frame}>
      <div className="lab-client-bar">
        <RefusedTray />
        <StatusButton />
      </div>
      <Card id={id} isWall={frame === 'wall'} />
    </main>
  )
}
