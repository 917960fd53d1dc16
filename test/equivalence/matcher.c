/*
 * Matches texts against POSIX extended regular expressions with the C library, as sudo does.
 *
 * Arguments: the expressions. Standard input: texts, each as its length in bytes (32 bits, the machine's order) and its
 * bytes, none of them NUL. Standard output: one byte a text, '1' when any expression matches, else '0'. Exit status 2 for
 * an expression that does not compile, 3 for broken input.
 */
#include <regex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { LONGEST = 1 << 20 };

int main(int argc, char **argv) {
	int count = argc - 1;
	regex_t *rules = calloc(count > 0 ? count : 1, sizeof *rules);
	char *text = malloc(LONGEST + 1);
	if (rules == NULL || text == NULL) return 3;
	for (int i = 0; i < count; i++)
		if (regcomp(&rules[i], argv[i + 1], REG_EXTENDED | REG_NOSUB) != 0) return 2;

	uint32_t length;
	while (fread(&length, sizeof length, 1, stdin) == 1) {
		if (length > LONGEST || fread(text, 1, length, stdin) != length) return 3;
		text[length] = '\0';
		int matched = 0;
		for (int i = 0; i < count && !matched; i++) matched = regexec(&rules[i], text, 0, NULL, 0) == 0;
		putchar(matched ? '1' : '0');
	}
	return fflush(stdout) == 0 ? 0 : 3;
}
