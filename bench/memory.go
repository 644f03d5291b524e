package bench

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Memory is the resident memory of a process in bytes. What several processes
// share is counted in each of them.
func Memory(pid int) (int64, error) {
	kilobytes, err := field(fmt.Sprintf("/proc/%d/status", pid), "VmRSS:")
	return kilobytes << 10, err
}

// FamilyMemory is the memory of a process and its children in bytes, with
// shared pages counted once: their proportional share.
func FamilyMemory(pid int) (total int64, err error) {
	family, err := familyOf(pid)
	if err != nil {
		return 0, err
	}
	for _, member := range family {
		kilobytes, err := field(fmt.Sprintf("/proc/%d/smaps_rollup", member), "Pss:")
		if os.IsNotExist(err) {
			continue // it has just ended
		}
		if err != nil {
			return 0, err
		}
		total += kilobytes << 10
	}
	return total, nil
}

// familyOf is the process, first, and its children.
func familyOf(pid int) ([]int, error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return nil, err
	}
	family := []int{pid}
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if os.IsNotExist(err) {
			continue // the thread has just ended
		}
		if err != nil {
			return nil, err
		}
		for _, child := range strings.Fields(string(text)) {
			if number, err := strconv.Atoi(child); err == nil {
				family = append(family, number)
			}
		}
	}
	return family, nil
}

func field(file, name string) (int64, error) {
	opened, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer opened.Close()
	lines := bufio.NewScanner(opened)
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); len(words) > 1 && words[0] == name {
			return strconv.ParseInt(words[1], 10, 64)
		}
	}
	return 0, fmt.Errorf("there is no %s in %s: %w", name, file, lines.Err())
}
