import { User } from '../../shared/types/people.ts'
import { demoPeople } from '../access/demo-people.ts'
import { type DemoRecords, type DemoScene, past } from './demo-scene.ts'

/** The directory: whoever the demo's tokens name. */
export function* makePeople(scene: DemoScene): DemoRecords {
  const at = scene.clock.midnight(-120)
  for (const [index, { id, name, roles }] of demoPeople.entries()) {
    yield past(scene, User, id).by('admin', at + index * 60_000, user => {
      user.set({
        name,
        email: `${id}@example.com`,
        phone: `+381 60 ${100 + index} ${1000 + scene.random.below(9000)}`,
      })
      user.union('roles').set(roles)
    })
  }
}
