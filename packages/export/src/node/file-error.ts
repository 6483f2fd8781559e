import { dirname } from 'node:path';
import { AlexNetError, type ErrorCode, isAlexNetError } from '@alexnet/core';

interface Explanation {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** Says in words what the operating system refused. */
export function toFileError(cause: unknown, action: 'read' | 'write', path: string): AlexNetError {
  if (isAlexNetError(cause)) return cause;
  const systemCode = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const { code, message, hint } = explain(systemCode, action, path) ?? {
    code: 'IO',
    message: `Could not ${action} ${path}: ${cause instanceof Error ? cause.message : String(cause)}.`,
    hint: 'Check the path and the disk.',
  };
  return new AlexNetError(code, { message, hint, path: [path], cause });
}

function explain(
  systemCode: string,
  action: 'read' | 'write',
  path: string,
): Explanation | undefined {
  switch (systemCode) {
    case 'ENOTDIR':
      return action === 'read' ? notThere(path) : behindAFile(path);
    case 'ENOENT':
      return action === 'read'
        ? notThere(path)
        : {
            code: 'NOT_FOUND',
            message: `Could not write ${path}: there is no folder ${dirname(path)}.`,
            hint: `Make it first: mkdir -p ${dirname(path)}`,
          };
    case 'EISDIR':
      return notAFile(path, 'a folder');
    case 'EACCES':
    case 'EPERM':
      return {
        code: 'IO',
        message: `Not allowed to ${action} ${path}.`,
        hint: `Look at the permissions: ls -ld ${action === 'read' ? path : dirname(path)}`,
      };
    case 'EROFS':
      return {
        code: 'IO',
        message: `Could not write ${path}: the disk is read-only.`,
        hint: 'Choose another folder.',
      };
    case 'ENOSPC':
    case 'EDQUOT':
      return {
        code: 'DISK_FULL',
        message: `The disk ran full while ${path} was written. What was there before is unchanged.`,
        hint: 'Make room, or choose another folder; df -h shows what is free.',
      };
    default:
      return undefined;
  }
}

function notThere(path: string): Explanation {
  return {
    code: 'NOT_FOUND',
    message: `There is no file ${path}.`,
    hint: 'Check the spelling; relative paths start at the folder you are in.',
  };
}

function behindAFile(path: string): Explanation {
  return {
    code: 'INVALID_ARGUMENT',
    message: `Could not write ${path}: what it names as a folder is a file.`,
    hint: `Look what is there: ls -ld ${path} ${dirname(path)}`,
  };
}

/** @param kind - what stands there instead: `a folder` */
export function notAFile(path: string, kind: string): Explanation {
  return {
    code: 'INVALID_ARGUMENT',
    message: `${path} is ${kind}, not a file.`,
    hint: `Name a file: ${path.replace(/[\\/]+$/, '')}/model.onnx`,
  };
}
