row "size of the binary" "$(stat -c %s "$plugin" | awk '{ print $1 / 1e6 }')" 10 "≤" MB ""
