import type { CompletionWord, OptionWord } from './words.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;

/** The script for one of the shells. */
export function scriptFor(shell: string, words: readonly CompletionWord[]): string {
  if (shell === 'zsh') return zshScript(words);
  return shell === 'fish' ? fishScript(words) : bashScript(words);
}

/**
 * Shape    walks the words before the cursor to the longest known path of commands, skipping options and their values, then offers
 *          what may follow there. Works in bash 3.2, which macOS has, and without the bash-completion package.
 */
function bashScript(words: readonly CompletionWord[]): string {
  const valued = unique(words.flatMap(({ options }) => options.filter(({ takesValue }) => takesValue).flatMap(({ flags }) => flags)));
  const cases = words.map(({ path, commands, options, values }) => {
    const offers = [...commands.map(({ name }) => name), ...values];
    return `    ${quoted(path)}) words=${quoted(offers.join(' '))}; options=${quoted(options.flatMap(({ flags }) => flags.filter(isLong)).join(' '))} ;;`;
  });
  const groups = words
    .filter(({ commands }) => commands.length > 0)
    .map(({ path, commands }) => `    ${quoted(path)}) next=${quoted(commands.map(({ name }) => name).join(' '))} ;;`);
  return `# bash completion of sophos-central; made by \`sophos-central completion bash\`
_sophos_central() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="" path="" next words options i word
  [ "$COMP_CWORD" -gt 0 ] && previous="\${COMP_WORDS[COMP_CWORD-1]}"
  i=1
  while [ "$i" -lt "$COMP_CWORD" ]; do
    word="\${COMP_WORDS[i]}"
    i=$((i + 1))
    case "$word" in
      ${valued.join('|')}) i=$((i + 1)); continue ;;
      -*) continue ;;
    esac
    next=""
    case "$path" in
${groups.join('\n')}
    esac
    case " $next " in
      *" $word "*) path="\${path:+$path }$word" ;;
      *) break ;;
    esac
  done
  COMPREPLY=()
  case "$path $previous" in
${choiceCases(words)
  .map(({ patterns, choices }) => `    ${patterns.join('|')}) COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$current")); return ;;`)
  .join('\n')}
    ${anywhere(fileFlags(words))}) COMPREPLY=($(compgen -f -- "$current")); return ;;
    ${anywhere(plainFlags(words))}) return ;;
  esac
  words=""; options=""
  case "$path" in
${cases.join('\n')}
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
  esac
}
complete -F _sophos_central sophos-central
`;
}

function zshScript(words: readonly CompletionWord[]): string {
  const functions = words.map(({ path, commands, options, values }) => {
    const specs = options.map((option) => `    ${zshOption(option)}`);
    const name = zshName(path);
    if (commands.length > 0)
      return `${name}() {
  local line state
  _arguments -C \\
${specs.map((spec) => `${spec} \\`).join('\n')}
    '1: :->command' '*:: :->rest'
  case $state in
    command) local -a commands=(${commands.map((each) => quoted(`${each.name}:${each.summary}`)).join(' ')}); _describe command commands ;;
    rest) (( $+functions[${name}_$line[1]] )) && ${name}_$line[1] ;;
  esac
}`;
    const first = values.length > 0 ? `    '1: :(${values.join(' ')})' '*: :'` : "    '*: :'";
    return `${name}() {
  _arguments \\
${specs.map((spec) => `${spec} \\`).join('\n')}
${first}
}`;
  });
  return `#compdef sophos-central
# zsh completion of sophos-central; made by \`sophos-central completion zsh\`
${functions.join('\n')}
_sophos-central "$@"
`;
}

function zshName(path: string): string {
  return ['_sophos-central', ...path.split(' ').filter((word) => word !== '')].join('_');
}

function zshOption({ flags, summary, takesValue, choices, takesFile }: OptionWord): string {
  const what = summary.replace(/[[\]:]/g, (found) => `\\${found}`);
  const value = !takesValue ? '' : `: :${choices.length > 0 ? `(${choices.join(' ')})` : takesFile ? '_files' : ''}`;
  const [first = ''] = flags;
  if (flags.length === 1) return quoted(`${first}[${what}]${value}`);
  return `'(${flags.join(' ')})'{${flags.join(',')}}${quoted(`[${what}]${value}`)}`;
}

function fishScript(words: readonly CompletionWord[]): string {
  const lines: string[] = [];
  for (const { path, commands, options, values } of words) {
    const condition = `__sophos_central_at ${path === '' ? '""' : quoted(path)}`;
    for (const { name, summary } of commands) lines.push(`complete -c sophos-central -f -n ${quoted(condition)} -a ${quoted(name)} -d ${quoted(summary)}`);
    if (values.length > 0) lines.push(`complete -c sophos-central -f -n ${quoted(condition)} -a ${quoted(values.join(' '))}`);
    for (const { flags, summary, takesValue, choices, takesFile } of options) {
      const names = flags.map((flag) => (isLong(flag) ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(' ');
      const value = !takesValue ? '' : choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : takesFile ? ' -r -F' : ' -x';
      lines.push(`complete -c sophos-central -f -n ${quoted(condition)} ${names}${value} -d ${quoted(summary)}`);
    }
  }
  const paths = words.map(({ path }) => path).filter((path) => path !== '');
  return `# fish completion of sophos-central; made by \`sophos-central completion fish\`
function __sophos_central_at
    set -l known ${paths.map(quoted).join(' ')}
    set -l path ""
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; and continue
        set -l longer (string trim -- "$path $word")
        contains -- $longer $known; and set path $longer
    end
    test "$path" = "$argv[1]"
end
${lines.join('\n')}
`;
}

/** After which words which values may stand: one option may have other values with another command. */
function choiceCases(words: readonly CompletionWord[]): readonly { readonly patterns: readonly string[]; readonly choices: readonly string[] }[] {
  const byChoices = new Map<string, { readonly patterns: string[]; readonly choices: readonly string[] }>();
  for (const { path, options } of words) {
    for (const { flags, choices } of options) {
      if (choices.length === 0) continue;
      const found = byChoices.get(choices.join(' ')) ?? { patterns: [], choices };
      byChoices.set(choices.join(' '), found);
      found.patterns.push(...flags.map((flag) => quoted(`${path} ${flag}`)));
    }
  }
  return [...byChoices.values()];
}

function anywhere(flags: readonly string[]): string {
  return flags.map((flag) => `*${quoted(` ${flag}`)}`).join('|');
}

function fileFlags(words: readonly CompletionWord[]): readonly string[] {
  return unique(words.flatMap(({ options }) => options.filter(({ takesFile }) => takesFile).flatMap(({ flags }) => flags)));
}

function plainFlags(words: readonly CompletionWord[]): readonly string[] {
  return unique(
    words.flatMap(({ options }) =>
      options.filter(({ takesValue, takesFile, choices }) => takesValue && !takesFile && choices.length === 0).flatMap(({ flags }) => flags),
    ),
  );
}

function isLong(flag: string): boolean {
  return flag.startsWith('--');
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

/** In single quotes, for all three shells. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
