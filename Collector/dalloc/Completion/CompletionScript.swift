// SPDX-License-Identifier: Apache-2.0
//
// The completion scripts of ArgumentParser. That of bash is led by one of ours: bash ends a word at a colon, which ids may have, and
// quotes a completion as a file's name, which leaves `$` as it is. A device chooses its id: it must not say what a shell runs.

import ArgumentParser

enum CompletionScript {
    private static let option = "--generate-completion-script"

    /// The script that the arguments ask for; nil when they ask for something else, or for what ArgumentParser must refuse.
    static func requested(by arguments: [String]) -> String? {
        var words = arguments
        if let first = words.first, first.hasPrefix(option + "=") {
            words = [option, String(first.dropFirst(option.count + 1))]
        }
        guard words.first == option, words.count <= 2 else { return nil }
        guard let shell = words.count == 2 ? CompletionShell(rawValue: words[1]) : .autodetected() else { return nil }
        return script(for: shell)
    }

    static func script(for shell: CompletionShell) -> String {
        let script = DallocCommand.completionScript(for: shell)
        guard shell == .bash else { return script }
        return script.replacing("complete -o filenames -F _dalloc dalloc", with: words)
    }

    /// Hands `_dalloc` the words as they were typed, and bash what it is to put in place of the end of the last one.
    private static let words = #"""
        # Sets `text` to what a word means without its quotes, and `quote` to that which is open at its end.
        __dalloc_unquote() {
            local word="${1}" sign
            local -i index
            text= quote=
            for ((index = 0; index < ${#word}; index++)); do
                sign="${word:index:1}"
                if [[ "${sign}" = \\ && "${quote}" != \' ]]; then
                    index+=1
                    text+="${word:index:1}"
                elif [[ -n "${quote}" && "${sign}" = "${quote}" ]]; then
                    quote=
                elif [[ -z "${quote}" && ("${sign}" = \' || "${sign}" = \") ]]; then
                    quote="${sign}"
                else
                    text+="${sign}"
                fi
            done
        }

        _dalloc_words() {
            # Words that a colon has split are one; `kept` is what stands of the current one before the part that bash replaces.
            local -a whole=()
            local -i index current=0
            local word rest="${COMP_LINE}" kept= text quote
            for ((index = 0; index < ${#COMP_WORDS[@]}; index++)); do
                word="${COMP_WORDS[index]}"
                if [[ "${index}" -gt 0 && "${rest}" != [[:space:]]* && -n "${rest}"
                    && ("${word}" = :* || "${whole[${#whole[@]} - 1]}" = *:) ]]; then
                    if [[ "${index}" -eq "${COMP_CWORD}" ]]; then kept="${whole[${#whole[@]} - 1]}"; fi
                    whole[${#whole[@]} - 1]+="${word}"
                else
                    whole+=("${word}")
                fi
                if [[ "${index}" -eq "${COMP_CWORD}" ]]; then
                    current="$((${#whole[@]} - 1))"
                    if [[ -n "${2}" ]]; then
                        if [[ "${word}" = *"${2}" ]]; then kept+="${word%"${2}"}"; else kept+="${word%%"${2}"*}"; fi
                    elif [[ "${word}" = *[:\'\"] ]]; then
                        kept+="${word}"
                    fi
                fi
                rest="${rest#"${rest%%[![:space:]]*}"}"
                rest="${rest#"${word}"}"
            done

            local -a COMP_WORDS=("${whole[@]}")
            local -i COMP_CWORD="${current}"
            __dalloc_unquote "${kept}${2}"
            local typed=
            if [[ -n "${text}" ]]; then printf -v typed %q "${text}"; fi
            _dalloc "${1}" "${typed}" "${whole[current > 0 ? current - 1 : 0]}"

            __dalloc_unquote "${kept}"
            local -a plain=("${COMPREPLY[@]}")
            COMPREPLY=()
            for word in "${plain[@]}"; do
                word="${word:${#text}}"
                case "${quote}" in
                \')
                    word="${word//\'/\'\\\'\'}"
                    ;;
                \")
                    # Between these, nothing keeps bash from taking it for a word of its history.
                    if [[ "${word}" = *!* ]]; then continue; fi
                    word="${word//\\/\\\\}"
                    word="${word//\"/\\\"}"
                    word="${word//\$/\\\$}"
                    word="${word//\`/\\\`}"
                    ;;
                *)
                    if [[ -n "${word}" ]]; then printf -v word %q "${word}"; fi
                    ;;
                esac
                COMPREPLY+=("${word}")
            done
        }

        complete -F _dalloc_words dalloc
        """#
}
