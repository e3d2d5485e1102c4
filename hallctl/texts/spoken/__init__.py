"""What the hall's voice says: a file a language, with the same clips' meanings and phrases in all.

`CLIPS` is name → (as written, as read). The name is the file's
(`sounds/<language>/<name>.wav`), the reading is Pinyin or Jyutping where the language has it, ""
the written words as they stand.
`PHRASES` are sequences of clips. `{label}`, `{window}` are filled in with clips, `pause:250` is so
many milliseconds of silence.
"""
