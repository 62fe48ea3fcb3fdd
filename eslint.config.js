import comments from '@eslint-community/eslint-plugin-eslint-comments/configs';
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { importRules } from './eslint.import-rules.ts';

const RESTRICTED_SYNTAX = [
  {
    // A binding that changes under its importers.
    selector: "ExportNamedDeclaration > VariableDeclaration[kind!='const']",
    message: 'Export constants and functions only.',
  },
  { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
];

// Every text on the screen is a message: components and pages name its key.
const TEXT_MESSAGE = 'Put the text into utils/locales/ and take it by its key: t().';
const CHILD = ':matches(JSXElement, JSXFragment) > JSXExpressionContainer';
const TEXT_ATTRIBUTE =
  'JSXAttribute[name.name=/^(title|alt|placeholder|label|legend|hint|message|question|.*Label|aria-(label|description|valuetext|placeholder|roledescription))$/]';
const LITERAL_TEXTS = [
  'JSXText[value=/\\p{L}/u]',
  `${CHILD} > :matches(Literal[value=/\\p{L}/u], TemplateLiteral)`,
  `${CHILD} > :matches(ConditionalExpression, LogicalExpression) > :matches(Literal[value=/\\p{L}/u], TemplateLiteral)`,
  `${TEXT_ATTRIBUTE} > Literal[value=/\\p{L}/u]`,
  `${TEXT_ATTRIBUTE} > JSXExpressionContainer > :matches(Literal[value=/\\p{L}/u], TemplateLiteral)`,
  `${TEXT_ATTRIBUTE} > JSXExpressionContainer > ConditionalExpression > :matches(Literal[value=/\\p{L}/u], TemplateLiteral)`,
  // Words of a sentence in a table or a function: a capital, small letters, a space.
  ':not(ImportDeclaration, CallExpression[callee.name=/Error$/], NewExpression) > Literal[value=/^\\p{Lu}[\\p{Ll}’]+ /u]',
  ':not(NewExpression) > TemplateLiteral > TemplateElement[value.raw=/^\\p{Lu}[\\p{Ll}’]+ /u]',
].map((selector) => ({ selector, message: TEXT_MESSAGE }));

// Tools that demand default exports (WXT, Vite, ESLint) read entrypoints and configuration files only.
const NO_DEFAULT_EXPORT = {
  selector: 'ExportDefaultDeclaration',
  message: 'Export by name, so that a search finds every use.',
};

export default defineConfig(
  globalIgnores(['.output/', '.wxt/', '.cache/', 'node_modules/', 'test/fixtures/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },

  js.configs.recommended,
  comments.recommended,
  {
    rules: {
      curly: ['error', 'multi-line'],
      eqeqeq: 'error',
      'no-console': 'error',
      'prefer-const': 'error',
      'no-restricted-syntax': ['error', ...RESTRICTED_SYNTAX],
      // Every disabled rule says why, after `--`.
      '@eslint-community/eslint-comments/require-description': ['error', { ignore: ['eslint-enable'] }],
    },
  },

  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      // An arrow that forwards a void call is how handlers are written.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Offsets, sizes and limits are what most messages are about.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: false, allowRegExp: false },
      ],
      // Typed arrays are indexed in bounded loops everywhere; `noUncheckedIndexedAccess` cannot see the bound.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Unused names must not hide behind an underscore, except to skip a position.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },

  {
    files: ['models/**', 'components/**', 'entrypoints/**', 'utils/**'],
    ignores: ['entrypoints/cli/**', 'models/store/backends/folder.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'chrome', message: 'Import { browser } from wxt/browser.' },
        { name: 'browser', message: 'Import { browser } from wxt/browser.' },
        { name: 'process', message: 'This code also runs in a browser.' },
        { name: 'Buffer', message: 'This code also runs in a browser: use Uint8Array.' },
      ],
    },
  },

  {
    files: ['models/**', 'components/**', 'utils/**', 'test/**'],
    rules: { 'no-restricted-syntax': ['error', ...RESTRICTED_SYNTAX, NO_DEFAULT_EXPORT] },
  },
  {
    files: ['components/**', 'entrypoints/**/*.tsx', 'entrypoints/{popup,options,welcome,check,report}/**'],
    rules: {
      'no-restricted-syntax': ['error', ...RESTRICTED_SYNTAX, ...LITERAL_TEXTS],
    },
  },
  // Where printing is the work.
  { files: ['entrypoints/cli/**', 'test/**'], rules: { 'no-console': 'off' } },

  importRules(import.meta.dirname),
);
