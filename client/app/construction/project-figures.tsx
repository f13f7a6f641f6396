import { Bordereau, Decompt, Metre, Periode, Pv, type Project, type ViewOf } from '../../../shared/index.ts'
import type { UsedBelonging } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { Link } from '../route/link.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { useConstructionWords } from './construction-words.ts'
import { byNumber } from './project-rows.ts'

interface ProjectFiguresProps {
  readonly id: string
  readonly view: ViewOf<typeof Project>
  readonly belonging: UsedBelonging
}

/** Where the money and the work stand. */
export const ProjectFigures = ({ id, view, belonging }: ProjectFiguresProps) => {
  const words = useConstructionWords()
  const format = useFormat()
  const { rows } = belonging
  const planned = (rows(Bordereau) ?? []).reduce((sum, { total }) => sum + total, 0)
  const latest = rows(Decompt)?.slice().sort(byNumber).at(-1)
  const openPeriode = (rows(Periode) ?? []).find(({ state }) => state === 'open')
  const openPoints = (rows(Pv) ?? []).reduce((sum, pv) => sum + pv.openPoints, 0)
  const base = `/construction/projects/${encodeURIComponent(id)}`
  return (
    <section className="card card-body" aria-label={words.money}>
      <dl className="project-figures">
        <dt>{words.bordereau}</dt>
        <dd>
          <JustChanged of={planned}>{format.money(planned, view.currency)}</JustChanged>
        </dd>
        {latest !== undefined && (
          <>
            <dt>{words.works}</dt>
            <dd>
              <JustChanged of={latest.works}>{format.money(latest.works, view.currency)}</JustChanged>
              {planned > 0 && (
                <div
                  className="figure-bar"
                  role="img"
                  aria-label={`${format.percent(latest.works / planned)} ${words.ofPlanned}`}
                >
                  <div style={{ inlineSize: `${Math.min(100, (100 * latest.works) / planned)}%` }} />
                </div>
              )}
              {planned > 0 && (
                <span className="quiet">
                  {format.percent(latest.works / planned)} {words.ofPlanned}
                </span>
              )}
            </dd>
            <dt>{words.netDue}</dt>
            <dd>
              <JustChanged of={latest.netDue}>{format.money(latest.netDue, view.currency)}</JustChanged>
            </dd>
          </>
        )}
        <dt>{words.periode}</dt>
        <dd>
          <Link to={`${base}/periodes`}>
            {openPeriode === undefined
              ? '–'
              : `${words.periodeName(String(openPeriode.number ?? ''))} (${openPeriode.from === null ? '…' : format.date(openPeriode.from)} – ${openPeriode.to === null ? '…' : format.date(openPeriode.to)})`}
          </Link>
        </dd>
        <dt>{words.metres}</dt>
        <dd>{format.number(rows(Metre)?.length ?? 0)}</dd>
        <dt>{words.pvs}</dt>
        <dd>
          <Link to={`${base}/pvs`}>{words.openPoints(openPoints)}</Link>
        </dd>
      </dl>
    </section>
  )
}
