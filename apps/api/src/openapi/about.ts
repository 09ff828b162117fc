import { ApiOperation } from '@nestjs/swagger';

/** What an operation does, in one line of the OpenAPI document. */
export const About = (summary: string): MethodDecorator => ApiOperation({ summary });
