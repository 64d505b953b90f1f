import { FirstSchema1763600000000 } from './migrations/1763600000000-first-schema';
import { Generation1764027346000 } from './migrations/1764027346000-generation';
import { DispatcherGround1764027417000 } from './migrations/1764027417000-dispatcher-ground';
import { ChannelHistory1764027794000 } from './migrations/1764027794000-channel-history';
import { SecretRotation1764028169000 } from './migrations/1764028169000-secret-rotation';
import { Sending1764028350000 } from './migrations/1764028350000-sending';
import { ChannelConnections1764028602000 } from './migrations/1764028602000-channel-connections';
import { Agents1764029131000 } from './migrations/1764029131000-agents';
import { Asking1764028176000 } from './migrations/1764028176000-asking';
import { Allowance1764029978000 } from './migrations/1764029978000-allowance';
import { CardDebtTries1764031342000 } from './migrations/1764031342000-card-debt-tries';
import { MemberMapping1764031697000 } from './migrations/1764031697000-member-mapping';
import { Waiting1764031919000 } from './migrations/1764031919000-waiting';
import { ChosenModel1764032994000 } from './migrations/1764032994000-chosen-model';
import { LearnedOrganizations1764034087000 } from './migrations/1764034087000-learned-organizations';
import { ChannelEndpoints1764034911000 } from './migrations/1764034911000-channel-endpoints';
import { AgentCanary1795638512000 } from './migrations/1795638512000-agent-canary';
import { MessageSearch1795638688000 } from './migrations/1795638688000-message-search';
import { Files1795639480000 } from './migrations/1795639480000-files';
import { RowLevelSecurity1795639875000 } from './migrations/1795639875000-row-level-security';
import { AuditChain1795640448000 } from './migrations/1795640448000-audit-chain';
import { AskedPersons1795641600000 } from './migrations/1795641600000-asked-persons';
import { Notices1795641800000 } from './migrations/1795641800000-notices';
import { MasterKeys1795641555000 } from './migrations/1795641555000-master-keys';
import { LiveEvents1795642436000 } from './migrations/1795642436000-live-events';
import { Privacy1795642321000 } from './migrations/1795642321000-privacy';
import { CardNames1795643413000 } from './migrations/1795643413000-card-names';
import { Administrators1795643005000 } from './migrations/1795643005000-administrators';
import { AnswerFiles1795644369000 } from './migrations/1795644369000-answer-files';
import { Acknowledged1795643986000 } from './migrations/1795643986000-acknowledged';
import { ErasedAddresses1795645292000 } from './migrations/1795645292000-erased-addresses';
import { KnownKeys1795650213000 } from './migrations/1795650213000-known-keys';
import { PermitLookups1795650902000 } from './migrations/1795650902000-permit-lookups';
import { ManyAtOnce1795651360000 } from './migrations/1795651360000-many-at-once';
import { RecipientsByMember1795652245000 } from './migrations/1795652245000-recipients-by-member';
import { ActivatedWhen1795652741000 } from './migrations/1795652741000-activated-when';
import { RowsByKey1795652829000 } from './migrations/1795652829000-rows-by-key';
import { FreeThreads1795656155000 } from './migrations/1795656155000-free-threads';
import { LaneNext1795656690000 } from './migrations/1795656690000-lane-next';
import { ClaimsBesideSteps1795660218000 } from './migrations/1795660218000-claims-beside-steps';

/** Every migration, oldest first. Never edit or reorder one that has landed. */
export const migrations = [
  FirstSchema1763600000000,
  Generation1764027346000,
  DispatcherGround1764027417000,
  ChannelHistory1764027794000,
  SecretRotation1764028169000,
  Sending1764028350000,
  ChannelConnections1764028602000,
  Agents1764029131000,
  Asking1764028176000,
  Allowance1764029978000,
  CardDebtTries1764031342000,
  MemberMapping1764031697000,
  Waiting1764031919000,
  ChosenModel1764032994000,
  LearnedOrganizations1764034087000,
  ChannelEndpoints1764034911000,
  AgentCanary1795638512000,
  MessageSearch1795638688000,
  Files1795639480000,
  RowLevelSecurity1795639875000,
  AuditChain1795640448000,
  AskedPersons1795641600000,
  Notices1795641800000,
  MasterKeys1795641555000,
  LiveEvents1795642436000,
  Privacy1795642321000,
  CardNames1795643413000,
  Administrators1795643005000,
  AnswerFiles1795644369000,
  Acknowledged1795643986000,
  ErasedAddresses1795645292000,
  KnownKeys1795650213000,
  PermitLookups1795650902000,
  ManyAtOnce1795651360000,
  RecipientsByMember1795652245000,
  ActivatedWhen1795652741000,
  RowsByKey1795652829000,
  FreeThreads1795656155000,
  LaneNext1795656690000,
  ClaimsBesideSteps1795660218000,
];
