import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/** Errors and refusals are told apart by their codes; what they say to people is not tested word by word. */
const ERRORS = /(Error|Refusal)$/;

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'sentences', {
    shouldIgnore(path) {
      if (!path.isStringLiteral() && !path.isTemplateLiteral()) return undefined;
      const call = path.parentPath;
      if (!call?.isNewExpression() || !call.get('callee').isIdentifier()) return undefined;
      const isSentence = ERRORS.test(call.node.callee.name) && / /.test(path.toString());
      return isSentence ? 'a sentence for people' : undefined;
    },
  }),
];
