import { Controller, Delete, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CreateJoinLink, JoinedView, JoinLinkView, NewJoinLink } from '#contracts/join.js';
import { createJoinLink, joinLinks, revokeJoinLink } from '#db/join-links.js';
import { ForJoining } from './access/for-workers.js';
import { Answers } from './answers.js';
import { environmentFor, JOINING, type Joining } from './joining.js';
import { About } from './openapi/about.js';
import { schemaOf } from './openapi/named-schemas.js';
import { SERVICES, type Services } from './services.js';
import { found, Refused } from './refused.js';
import { wishOf } from './request-wish.js';

/** Links with which other machines join as workers. */
@ApiTags('workers')
@Controller('api')
export class JoinController {
  constructor(
    @Inject(SERVICES) private readonly services: Services,
    @Inject(JOINING) private readonly joining: Joining,
  ) {}

  /** A new link. Its address, with the secret behind its #, is told here and never again. */
  @Post('join-links')
  @About('make a link with which machines join')
  @Answers(NewJoinLink, { status: 201 })
  @ApiBody({ schema: schemaOf(CreateJoinLink), required: false })
  async create(@Req() request: Request, @Res({ passthrough: true }) response: Response) {
    const { hours } = await wishOf(CreateJoinLink, request, response);
    const { link, secret } = await createJoinLink(this.services.db, hours);
    response.locals['subject'] = link.id;
    return { ...link, url: `${this.joining.url()}/#join=${secret}` };
  }

  @Get('join-links')
  @About('the links with which machines join')
  @Answers(JoinLinkView, { list: true })
  list() {
    return joinLinks(this.services.db);
  }

  /** Ends a link, by its id or the beginning of it. Workers that joined with it end too. */
  @Delete('join-links/:id')
  @About('end a link, and the workers that joined with it')
  @Answers(JoinLinkView)
  async revoke(@Param('id') id: string) {
    const link = await revokeJoinLink(this.services.db, id);
    if (link === 'several')
      throw new Refused(409, `"${id}" is the beginning of several join links: give more of it`);
    return found(link, 'join link', id);
  }

  /** What a machine that joins needs. The secret of the link is sent as the token. */
  @Post('join')
  @About('join with the secret of a link')
  @ForJoining()
  @Answers(JoinedView)
  join(@Req() request: Request, @Res({ passthrough: true }) response: Response): JoinedView {
    const link = response.locals['joinLink'] as JoinLinkView;
    response.locals['subject'] = link.id;
    const { version } = this.joining;
    return { joinId: link.id, version, environment: environmentFor(this.joining, request.hostname) };
  }
}
