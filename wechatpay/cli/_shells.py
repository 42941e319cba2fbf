"""The scripts by which bash, zsh and fish ask what goes on from here.

Typer's own for zsh does nothing at the first Tab of a shell, and loses apostrophes; none of them
leaves the cursor behind a `=` or `/` in bash and zsh; and fish runs the program twice. All ask by
the words of Typer's protocol for fish, whose answer is a name a line, and behind a tab what it is.
"""

from __future__ import annotations

from importlib import import_module

_ASK = (
    "env _WECHATPAY_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args"
    ' _TYPER_COMPLETE_ARGS="{words}" wechatpay'
)
# Bash takes = and : for the ends of words: what stands before the last of them is not replaced.
_BASH = f"""
_wechatpay_completion() {{
    local IFS=$'\\n' line typed="${{COMP_LINE:0:COMP_POINT}}" part="${{COMP_WORDS[COMP_CWORD]}}"
    local word="${{typed##* }}"
    case "$part" in [=:]) part= ;; esac
    local before="${{word%"$part"}}"
    COMPREPLY=()
    for line in $({_ASK.format(words="$typed")}); do
        line="${{line%%$'\\t'*}}"
        COMPREPLY+=("${{line#"$before"}}")
    done
    case "${{COMPREPLY[*]}}" in *[=/]) compopt -o nospace 2> /dev/null ;; esac
    return 0
}}

complete -o default -F _wechatpay_completion wechatpay
"""
_ZSH = f"""
#compdef wechatpay

_wechatpay_completion() {{
    local line name
    local -a open closed
    for line in "${{(@f)$({_ASK.format(words="${words[1,$CURRENT]}")})}}"; do
        [[ -n $line ]] || continue
        name=${{${{line%%$'\\t'*}}//:/\\\\:}}
        [[ $line == *$'\\t'* ]] && name+=":${{line#*$'\\t'}}"
        case ${{line%%$'\\t'*}} in
            *[=/]) open+=("$name") ;;
            *) closed+=("$name") ;;
        esac
    done
    (( $#open + $#closed )) || {{ _files; return }}
    (( $#open )) && _describe -V wechatpay open -S ''
    (( $#closed )) && _describe -V wechatpay closed
    return 0
}}

if [[ $funcstack[1] == _wechatpay ]]; then
    _wechatpay_completion "$@"
else
    compdef _wechatpay_completion wechatpay
fi
"""
_FISH = f"""
function __wechatpay_completion
    set -l found ({_ASK.format(words="(commandline -cp)").replace('"', "")} | string match -v '')
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end

complete --command wechatpay --no-files --arguments '(__wechatpay_completion)'
"""
SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def use_own_scripts() -> None:
    """Let `--install-completion` and `--show-completion` write ours; Typer's are templates."""
    templates = vars(import_module("typer._completion_shared")).get("_completion_scripts", {})
    templates |= {shell: script.replace("%", "%%") for shell, script in SCRIPTS.items()}
