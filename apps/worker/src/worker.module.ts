import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DynamicModule, Module } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { patiently } from '#artifacts/patience.js';
import type { StoreRecord } from '#db/artifact-store.js';
import { cancelChannel } from '#db/channels.js';
import { type Database, openDatabase } from '#db/database.js';
import { digestOf } from '#db/join-links.js';
import { listenTo } from '#db/listen-to.js';
import { queueOf } from '#db/worker-queue.js';
import { recordFault } from '#db/workers.js';
import { hears } from '#queue/bell-processor.js';
import { QueueModule } from '#queue/queue.module.js';
import type { Asked } from './asked.js';
import { awaitSchema } from './await-schema.js';
import { Cache } from './cache.js';
import { Closing } from './closing.js';
import { checkDevice, deviceEnvironment } from './device.js';
import { KnownPaces } from './gangs/known-paces.js';
import { Heart } from './heart.js';
import type { Lease } from './lease.js';
import { Machine } from './machine.js';
import type { Folders } from './member-folders.js';
import { awaitStoreRecord, openWorkersStore } from './open-store.js';
import type { WorkerServices } from './run-attempt.js';
import { openScratch } from './scratch.js';
import { ASKED, CANCELS, DATABASE, FOLDERS, SERVICES, RECORD, TRAINERS } from './tokens.js';
import { Settling } from './settling.js';
import { TrainerPool } from './trainer-pool.js';
import { TrialProcessor } from './trial.processor.js';

/** Thrown where the worker was told to end before it was ready. */
export class EndedEarly extends Error {}

@Module({})
// oxlint-disable-next-line typescript/no-extraneous-class -- Nest names a module by a class
class ServicesModule {}

/** What the worker is made of. Each part is given the one that opens before it; the queue comes last. */
@Module({})
// oxlint-disable-next-line typescript/no-extraneous-class -- Nest names a module by a class
export class WorkerModule {
  static of(asked: Asked): DynamicModule {
    const queue = queueOf(asked.settings.labels);
    hears(queue)(TrialProcessor);
    const services: DynamicModule = {
      module: ServicesModule,
      providers: [
        { provide: ASKED, useValue: asked },
        { provide: DATABASE, useFactory: openTables, inject: [ASKED] },
        { provide: RECORD, useFactory: awaitRecord, inject: [ASKED, DATABASE] },
        { provide: FOLDERS, useFactory: openFolders, inject: [ASKED, RECORD] },
        { provide: TRAINERS, useFactory: startTrainers, inject: [ASKED, FOLDERS] },
        { provide: Machine, useFactory: machineOf, inject: [ASKED, DATABASE, FOLDERS, TRAINERS, ModuleRef] },
        { provide: SERVICES, useFactory: servicesOf, inject: [ASKED, DATABASE, FOLDERS, TRAINERS, Machine] },
        { provide: CANCELS, useFactory: hearCancels, inject: [SERVICES] },
        { provide: Heart, useFactory: heartOf, inject: [ASKED, RECORD, SERVICES] },
      ],
      exports: [ASKED, SERVICES, CANCELS, Heart],
    };
    return {
      module: WorkerModule,
      imports: [
        services,
        QueueModule.forRootAsync({
          name: queue,
          imports: [services],
          inject: [ASKED, SERVICES],
          useFactory: ({ settings: { redisUrl, databaseUrl }, log }: Asked) => ({
            redisUrl,
            databaseUrl,
            log,
          }),
        }),
      ],
      providers: [TrialProcessor, Closing],
    };
  }
}

async function openTables({ settings, closing: { signal }, log }: Asked): Promise<Database> {
  await mkdir(settings.home, { recursive: true });
  const db = await openDatabase(settings.databaseUrl);
  await awaitSchema(db, { patienceMs: settings.schemaPatienceMs, signal, log });
  return db;
}

async function awaitRecord(
  { settings, closing: { signal }, log }: Asked,
  db: Database,
): Promise<StoreRecord> {
  const record = await awaitStoreRecord(db, { patienceMs: settings.schemaPatienceMs, signal, log });
  if (!record || signal.aborted) throw new EndedEarly('told to end');
  return record;
}

async function openFolders(asked: Asked, record: StoreRecord): Promise<Folders> {
  const { settings, version, token, log, closing } = asked;
  const { id, home, artifacts, apiUrl, cacheBytes, storePatienceMs } = settings;
  const patience = { ms: storePatienceMs, signal: closing.signal, log };
  const here = { home, patience, copiesBytes: cacheBytes };
  const store = await openWorkersStore(record, { artifacts, apiUrl, token, version, here });
  log(`artifacts lie in the store ${store.place.name}`);
  const scratch = await openScratch(home, id);
  const cache = await Cache.open(home, store, { mostBytes: cacheBytes, log });
  return { store, scratch, cache };
}

async function startTrainers({ settings, log }: Asked): Promise<TrainerPool> {
  const { home, threads, slots, device, patience } = settings;
  log(`starting ${slots} trainer${slots === 1 ? '' : 's'}`);
  const environment = deviceEnvironment(device);
  const trainers = await TrainerPool.start({ home, threads, environment, patience, log }, slots);
  checkDevice(device, trainers.device);
  return trainers;
}

function machineOf(
  { settings, closing, log }: Asked,
  db: Database,
  { scratch, store }: Folders,
  trainers: TrainerPool,
  modules: ModuleRef,
): Machine {
  return new Machine({
    folders: [scratch, join(store.local.root, 'tmp')],
    pauseMs: settings.faultPauseMs,
    closing: closing.signal,
    take: (work) => modules.get(TrialProcessor, { strict: false }).take(work),
    prepare: async () => {
      await patiently(store.place, { ms: 0 }, () => store.place.probe());
      await trainers.refill();
    },
    show: (fault) => recordFault(db, settings.id, fault),
    log,
  });
}

function servicesOf(
  { settings: { id, home, slots, trainerGrowth, gang }, closing, log }: Asked,
  db: Database,
  folders: Folders,
  trainers: TrainerPool,
  machine: Machine,
): WorkerServices {
  const leases = new Set<Lease>();
  const paces = new KnownPaces({ home, device: trainers.device, cap: gang, log });
  return {
    id,
    db,
    folders,
    home,
    trainers,
    trainerGrowth,
    leases,
    settling: new Settling(slots),
    machine,
    paces,
    closing: closing.signal,
    log,
  };
}

const hearCancels = ({ db, leases }: WorkerServices): Promise<{ close(): Promise<void> }> =>
  listenTo(db.url, [cancelChannel], () => leases.forEach((lease) => void lease.renew()));

function heartOf(
  asked: Asked,
  record: StoreRecord,
  { db, folders, trainers, machine }: WorkerServices,
): Heart {
  const { settings, version, token, end, log } = asked;
  const { id, slots, labels, joinId } = settings;
  const { cache, scratch } = folders;
  const tokenDigest = digestOf(token);
  const registration = { id, slots, device: trainers.device, labels, version, tokenDigest, joinId };
  return new Heart({ db, registration, record, version, cache, scratch, machine, end, log });
}
