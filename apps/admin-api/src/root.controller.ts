import { Controller, Get, Redirect } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

/** Leads people to something readable. */
@ApiExcludeController()
@Controller()
export class RootController {
  @Get()
  @Redirect('/api/docs', 302)
  start(): void {
    // The redirect is the answer.
  }
}
