// The five workspaces: address, accent, pages in the side bar, and what is loaded when somebody goes there.

import {
  IconBuildingCommunity,
  IconBuildingWarehouse,
  IconCalendarEvent,
  IconCalendarUser,
  IconCash,
  IconChartBar,
  IconClipboardList,
  IconDeviceTablet,
  IconDeviceTv,
  IconFileInvoice,
  IconHome,
  IconMapPin,
  IconPackage,
  IconReceipt,
  IconTicket,
  IconTool,
  IconTruckDelivery,
  IconUsers,
} from '@tabler/icons-react'
import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import { Availability, Estimate, Project, type RecordType, Ticket, Trebovanje } from '../../shared/index.ts'
import type { Accent } from './theme/theme.ts'
import type { useAppWords } from './words/app-words.ts'

type WordOf<W> = { [K in keyof W]: W[K] extends string ? K : never }[keyof W]
export type AppWord = WordOf<ReturnType<typeof useAppWords>>
type Icon = ComponentType<{
  readonly size?: number | string
  readonly stroke?: number
  readonly 'aria-hidden'?: boolean
}>

export interface WorkspacePage {
  readonly path: string
  readonly word: AppWord
  readonly icon: Icon
}

export interface Workspace {
  /** The system in which the demo's people work. */
  readonly key: 'warehouse' | 'construction' | 'ticketing' | 'sales' | 'scheduling'
  readonly path: string
  readonly word: AppWord
  readonly icon: Icon
  readonly accent: Accent
  readonly pages: readonly WorkspacePage[]
  readonly Content: LazyExoticComponent<ComponentType>
  /** Who may see none of these has no business here. */
  readonly shows: RecordType
  /** A board on the wall fills the whole screen, with no header. */
  readonly board?: string
}

export const workspaces: readonly Workspace[] = [
  {
    key: 'ticketing',
    path: '/tickets',
    word: 'tickets',
    icon: IconTicket,
    accent: 'blue',
    Content: lazy(() => import('./tickets/tickets-workspace.tsx')),
    pages: [
      { path: '/tickets', word: 'tickets', icon: IconTicket },
      { path: '/tickets/operations', word: 'operations', icon: IconChartBar },
      { path: '/tickets/sites', word: 'sites', icon: IconMapPin },
      { path: '/tickets/shipments', word: 'shipments', icon: IconTruckDelivery },
      { path: '/tickets/inventory', word: 'inventory', icon: IconPackage },
      { path: '/tickets/technicians', word: 'technicians', icon: IconTool },
    ],
    shows: Ticket,
    board: '/tickets/wall',
  },
  {
    key: 'sales',
    path: '/sales',
    word: 'sales',
    icon: IconCash,
    accent: 'green',
    Content: lazy(() => import('./sales/sales-workspace.tsx')),
    pages: [
      { path: '/sales', word: 'today', icon: IconHome },
      { path: '/sales/estimates', word: 'estimates', icon: IconFileInvoice },
      { path: '/sales/orders', word: 'orders', icon: IconReceipt },
    ],
    shows: Estimate,
  },
  {
    key: 'warehouse',
    path: '/warehouse',
    word: 'warehouse',
    icon: IconBuildingWarehouse,
    accent: 'teal',
    Content: lazy(() => import('./warehouse/warehouse-workspace.tsx')),
    pages: [
      { path: '/warehouse/trebovanja', word: 'trebovanja', icon: IconClipboardList },
      { path: '/warehouse/scheduler', word: 'scheduler', icon: IconUsers },
      { path: '/warehouse/picking', word: 'picking', icon: IconDeviceTablet },
      { path: '/warehouse/tv', word: 'tv', icon: IconDeviceTv },
    ],
    shows: Trebovanje,
    board: '/warehouse/tv',
  },
  {
    key: 'construction',
    path: '/construction',
    word: 'construction',
    icon: IconBuildingCommunity,
    accent: 'clay',
    Content: lazy(() => import('./construction/construction-workspace.tsx')),
    pages: [{ path: '/construction/projects', word: 'projects', icon: IconBuildingCommunity }],
    shows: Project,
  },
  {
    key: 'scheduling',
    path: '/scheduling',
    word: 'scheduling',
    icon: IconCalendarEvent,
    accent: 'plum',
    Content: lazy(() => import('./scheduling/scheduling-workspace.tsx')),
    pages: [
      { path: '/scheduling/operator', word: 'operator', icon: IconCalendarEvent },
      { path: '/scheduling/availability', word: 'availability', icon: IconCalendarUser },
    ],
    shows: Availability,
  },
]

export const workspaceAt = (path: string): Workspace | undefined =>
  workspaces.find(workspace => path === workspace.path || path.startsWith(`${workspace.path}/`))
