/**
 * All activities by the names that histories and Temporal's UI show: the verbs, and the engine's own.
 *
 * HOST. Names are permanent: runs in flight ask for them.
 */
import { atBoundary } from './boundary.js';
import { createCheckDecision } from './check-decision.js';
import { createCloseItem } from './close-item.js';
import { createCloseRun } from './close-run.js';
import { createDecide } from './decide.js';
import type { Dependencies } from './dependencies.js';
import { createHttp } from './http.js';
import { createList } from './list.js';
import { createOpenItem } from './open-item.js';
import { createOpenRun } from './open-run.js';
import { createRead } from './read.js';
import { createSettle } from './settle.js';
import { createSql } from './sql.js';
import { createTell } from './tell.js';
import { createUse } from './use.js';
import { createCreate, createDelete, createUpdate } from './write.js';

export type { Dependencies, PlanRegistry } from './dependencies.js';

export function createActivities(dependencies: Dependencies) {
  const { place } = dependencies.store;
  return {
    read: atBoundary(place, createRead(dependencies)),
    list: atBoundary(place, createList(dependencies)),
    create: atBoundary(place, createCreate(dependencies)),
    update: atBoundary(place, createUpdate(dependencies)),
    delete: atBoundary(place, createDelete(dependencies)),
    use: atBoundary(place, createUse(dependencies)),
    sql: atBoundary(place, createSql(dependencies)),
    http: atBoundary(place, createHttp(dependencies)),
    decide: atBoundary(place, createDecide(dependencies)),
    tell: atBoundary(place, createTell(dependencies)),
    'open run': atBoundary(place, createOpenRun(dependencies)),
    'close run': atBoundary(place, createCloseRun(dependencies)),
    'check decision': atBoundary(place, createCheckDecision(dependencies)),
    'open item': atBoundary(place, createOpenItem(dependencies)),
    'close item': atBoundary(place, createCloseItem(dependencies)),
    settle: atBoundary(place, createSettle(dependencies)),
  };
}

export type Activities = ReturnType<typeof createActivities>;
