import type { FieldReader } from './fields.ts';

/**
 * Whether a layer exists in phase TEST, level 0, no stages.
 *
 * @see `Net::FilterNet` of Caffe
 */
export function isForTest(layer: FieldReader): boolean {
  const includes = layer.messages('include');
  if (includes.length > 0) return includes.some(meetsRule);
  return !layer.messages('exclude').some(meetsRule);
}

function meetsRule(rule: FieldReader): boolean {
  const isOtherPhase = rule.has('phase') && rule.oneOf('phase', ['TRAIN', 'TEST']) === 'TRAIN';
  const isOtherLevel = rule.number('min_level', 0) > 0 || rule.number('max_level', 0) < 0;
  return !isOtherPhase && !isOtherLevel && !rule.has('stage');
}
