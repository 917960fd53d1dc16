/*
 * Asks sudo whether an account may run argvs, without running them: `sudo -l -U ACCOUNT -- ARGV...`, as root.
 *
 * Arguments: path of sudo, account, executable. Standard input: argvs without the executable, each as its number of
 * elements, and each element as its length in bytes and its bytes; numbers have 32 bits in the machine's order. Standard
 * output: one byte an argv, '1' for allowed, '0' for refused. sudo runs in the locale C: the list query follows its
 * caller's locale, while sudo matches in C when it runs a command. Exit status 3 for broken input, 4 when sudo ends
 * otherwise than with 0 or 1.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { LONGEST = 1 << 20, MOST = 4096, FIXED = 6 };

static int number(uint32_t *to) { return fread(to, sizeof *to, 1, stdin) == 1; }

int main(int argc, char **argv) {
	static char *line[FIXED + MOST + 1];
	static char *environment[] = {"LC_ALL=C", "PATH=/usr/sbin:/usr/bin", NULL};
	if (argc != 4) return 3;
	char *fixed[FIXED] = {argv[1], "-l", "-U", argv[2], "--", argv[3]};
	for (int i = 0; i < FIXED; i++) line[i] = fixed[i];

	posix_spawn_file_actions_t quiet;
	posix_spawn_file_actions_init(&quiet);
	for (int descriptor = 0; descriptor < 3; descriptor++)
		posix_spawn_file_actions_addopen(&quiet, descriptor, "/dev/null", O_RDWR, 0);

	uint32_t count, length;
	while (number(&count)) {
		if (count > MOST) return 3;
		for (uint32_t i = 0; i < count; i++) {
			if (!number(&length) || length > LONGEST) return 3;
			char *text = malloc(length + 1);
			if (text == NULL || fread(text, 1, length, stdin) != length) return 3;
			text[length] = '\0';
			line[FIXED + i] = text;
		}
		line[FIXED + count] = NULL;
		pid_t child;
		int status;
		if (posix_spawn(&child, argv[1], &quiet, NULL, line, environment) != 0) return 4;
		if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) > 1) return 4;
		putchar(WEXITSTATUS(status) == 0 ? '1' : '0');
		for (uint32_t i = 0; i < count; i++) free(line[FIXED + i]);
	}
	return fflush(stdout) == 0 ? 0 : 3;
}
