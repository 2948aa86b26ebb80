/**
 * The shell scripts that complete the arguments of `aegir`: they call the program itself, so that names of objects are
 * up to date. A tab separates an argument from its description.
 */
export const completionScripts: Record<'bash' | 'zsh' | 'fish', string> = {
  bash: `# Completion of aegir for bash, written by aegir setup and printed by: aegir completion bash
_aegir() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o bashdefault -o default -F _aegir aegir
`,
  zsh: `#compdef aegir
# Completion of aegir for zsh, written by aegir setup and printed by: aegir completion zsh
_aegir() {
  local line
  local -a found
  while IFS= read -r line; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <("$words[1]" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( $#found )); then
    _describe aegir found
  else
    _files
  fi
}
# As a file of the fpath it is run for its first completion; sourced, it only says what completes.
if [[ "$funcstack[1]" == _aegir ]]; then
  _aegir "$@"
else
  compdef _aegir aegir
fi
`,
  fish: `# Completion of aegir for fish, written by aegir setup and printed by: aegir completion fish
function __aegir_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found ($words[1] complete -- $words[2..-1] 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c aegir -f -a '(__aegir_complete)'
`,
};
