import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { type BullBoardInstance, BullBoardModule, InjectBullBoard } from '@bull-board/nestjs';
import { type DynamicModule, Injectable, type OnModuleInit } from '@nestjs/common';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { queueName, type TrialsQueue } from '#queue/backend.js';
import { Doorbell } from '#queue/doorbell.js';
import { TokenGuard } from '../access/token-guard.js';

const route = '/admin/queues';
const shown = { readOnlyMode: true, description: 'which attempts wait for a worker' };

/** The queue as bull-board shows it, at /admin/queues. It can change nothing there: the queue is a doorbell,
 *  and what is to be done stands in Postgres. */
export function board(access: DynamicModule): DynamicModule[] {
  return [
    BullBoardModule.forRootAsync({
      imports: [access],
      inject: [TokenGuard],
      useFactory: (guard: TokenGuard) => ({
        route,
        adapter: ExpressAdapter,
        middleware: door(guard),
        boardOptions: { uiConfig: { boardTitle: 'peftgrid' } },
      }),
    }),
    BullBoardModule.forFeature({
      name: queueName,
      adapter: BullMQAdapter,
      options: shown,
    }),
  ];
}

/** Queues of workers with labels, which are there once something is rung in them. */
@Injectable()
export class LabelledQueues implements OnModuleInit {
  constructor(
    @InjectBullBoard() private readonly board: BullBoardInstance,
    private readonly doorbell: Doorbell,
  ) {}

  onModuleInit(): void {
    this.doorbell.onQueue((queue: TrialsQueue) => this.board.addQueue(new BullMQAdapter(queue, shown)));
  }
}

/** Before the board: the page names its own address as its base, which no other page may. */
const door =
  (guard: TokenGuard): RequestHandler =>
  (request: Request, response: Response, next: NextFunction): void => {
    const policy = String(response.getHeader('content-security-policy') ?? '');
    response.setHeader('content-security-policy', policy.replace("base-uri 'none'", "base-uri 'self'"));
    guard.admitToPage(request, response).then(() => next(), next);
  };
