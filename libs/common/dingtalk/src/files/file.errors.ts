import { type CallDetails, DingTalkError } from '../open-api/dingtalk.errors';

/** The code is wrong, belongs to another robot, or has expired (messaging reference §4.6, C56): the file is lost to us. */
export class DownloadCodeError extends DingTalkError {
  readonly code = 'file_code_refused';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(call: CallDetails) {
    super('DingTalk does not hand out this file any more', call);
  }
}

/** The link leads where files of the platform do not live, or was led there by a redirect. */
export class FileHostRefusedError extends DingTalkError {
  readonly code = 'file_host_refused';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(call: CallDetails) {
    super('the file is at a place that is not allowed', call);
  }
}

/** The link answers that there is no such file, or none for us. */
export class FileGoneError extends DingTalkError {
  readonly code = 'file_gone';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(call: CallDetails) {
    super('the file cannot be fetched from its link', call);
  }
}
