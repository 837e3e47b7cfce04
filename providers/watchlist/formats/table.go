package formats

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/threat"
)

// table has the columns of a table, with their roles.
type table []column

// row has what addRow collects from the cells of a row.
type row struct {
	// kind is the name of the values' type in the row, or "".
	kind string
	// first and last are the ends of a range of addresses.
	first, last string
	// mask is the mask of a network, or its length.
	mask string
	// values are those of the value columns, with their columns' kinds.
	values []ctim.Observable
	notes  []string
}

// addRow yields the entries of a row, or a skipped record.
func (f *file) addRow(t table, line int, cells []string) error {
	base := f.options.blank()
	var r row
	for i := range min(len(t), len(cells)) {
		if cell := strings.TrimSpace(cells[i]); cell != "" {
			if skipped := t[i].read(cell, &base, &r); skipped != nil {
				return f.skip(line, cmp.Or(t.valueOf(cells), cell), skipped.Error())
			}
		}
	}
	if r.first != "" && r.last != "" {
		r.values = []ctim.Observable{{Type: anyRange, Value: r.first + "-" + r.last}}
	}
	if len(r.values) == 0 {
		if !slices.ContainsFunc(cells, func(cell string) bool { return !isBlank(strings.TrimSpace(cell)) }) {
			return nil // a blank row
		}
		return f.skip(line, strings.Join(cells, " "), "the value is blank")
	}
	for _, v := range r.values {
		v.Value = withMask(v.Value, r.mask)
		if r.kind == "" && v.Type == "" {
			v.Type = f.options.Type
		}
		readings, err := r.read(v)
		if err != nil {
			if err := f.skip(line, v.Value, err.Error()); err != nil {
				return err
			}
		}
		for _, one := range readings {
			record := Record{Line: line, Entry: base, Value: v.Value}
			record.Entry.Observable = one.observable
			record.Entry.Subdomains = isDomain(one.observable.Type) && (one.subdomains || base.Subdomains)
			record.Entry.Description = joinNotes(append([]string{base.Description, one.note}, r.notes...)...)
			if err := f.add(&record); err != nil {
				return err
			}
		}
	}
	return nil
}

// valueOf returns the first cell of a value column that isn't blank.
func (t table) valueOf(cells []string) string {
	for i, c := range t {
		if c.role == valueRole && i < len(cells) && cells[i] != "" {
			return cells[i]
		}
	}
	return ""
}

// read parses a value cell, as its column's kind or as the kind in the row.
func (r *row) read(v ctim.Observable) ([]reading, error) {
	if r.kind == "" || v.Type != "" && v.Type != anyHash && v.Type != anyAddress && v.Type != anyFile {
		return readCell(v.Type, v.Value)
	}
	parts, ok := partsOf(r.kind, v.Value)
	if !ok {
		return nil, fmt.Errorf("%q is not a type of observable", shown(r.kind))
	}
	var all []reading
	for _, part := range parts {
		if part.Weak {
			continue
		}
		readings, err := readCell(part.Observable.Type, part.Observable.Value)
		if err != nil {
			return nil, err
		}
		for _, one := range readings {
			one.note = joinNotes(part.Note, one.note)
			all = append(all, one)
		}
	}
	return all, nil
}

// withMask returns a value with its mask, such as 192.0.2.0/24. It returns only the value
// if that is no address, or one inside of the network: the mask of a machine's interface.
func withMask(value, mask string) string {
	address, err := netip.ParseAddr(value)
	if err != nil || mask == "" {
		return value
	}
	network := value + "/" + strings.TrimPrefix(mask, "/")
	r, err := readValue(anyAddress, network)
	if first, _, _ := strings.Cut(r.observable.Value, "/"); err == nil && first != address.String() {
		return value
	}
	return network
}

// readCell parses a cell of one or several values of a kind.
func readCell(kind ctim.ObservableType, cell string) ([]reading, error) {
	switch kind {
	case anyRange:
		return readRange(cell)
	case anyFile: // a name may have commas, hashes don't
		if hashes, err := readCell(anyHash, cell); err == nil {
			return hashes, nil
		}
	}
	one, err := readValue(kind, cell)
	if err == nil {
		return []reading{one}, nil
	}
	several := strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(",;| \t\n", r) })
	var all []reading
	for _, part := range several {
		one, partErr := readValue(kind, part)
		switch {
		case strings.Trim(part, ":/&-") == "": // between values
		case len(several) == 1,
			partErr != nil && !isOtherHash(part),
			partErr == nil && isOneLabel(one.observable): // part of an invalid name
			return nil, err
		case partErr == nil:
			all = append(all, one)
		}
	}
	if len(all) == 0 {
		return nil, err
	}
	return all, nil
}

// isOtherHash reports whether a text is a hash without a type in CTIM, such as SHA-512.
func isOtherHash(text string) bool {
	return (len(text) == 56 || len(text) == 96 || len(text) == 128) && strings.Trim(strings.ToLower(text), "0123456789abcdef") == ""
}

// read parses a cell that isn't empty into the entry or row. skipped is why the row
// can't become an entry, or nil. Invalid details of an entry are ignored.
func (c *column) read(cell string, e *entry.Entry, r *row) (skipped error) {
	switch c.role {
	case severityRole:
		e.Severity, _ = ParseSeverity(cell)
	case confidenceRole:
		e.Confidence, _ = ParseConfidence(cell)
	case dispositionRole:
		e.Disposition, skipped = ParseDisposition(cell)
	case actionRole:
		e.Disposition, skipped = parseAction(cell)
	case validUntilRole:
		e.ValidUntil, skipped = parseEnd(cell, c.order)
	case statusRole, verdictTagsRole: // other columns take precedence
		disposition, _, err := parseStatus(cell)
		e.Disposition, skipped = cmp.Or(e.Disposition, disposition), err
	case allowRole, detectRole, activeRole, withdrawnRole, subdomainsRole:
		return c.readFlag(cell, e)
	}
	if skipped != nil || isBlank(cell) {
		return skipped
	}
	if c.role != valueRole {
		cell = decoded(cell)
	}
	switch c.role {
	case valueRole:
		if v := (ctim.Observable{Type: c.kind, Value: cell}); !slices.Contains(r.values, v) {
			r.values = append(r.values, v)
		}
	case typeRole:
		r.kind = cell
	case firstRole:
		r.first = cell
	case lastRole:
		r.last = cell
	case maskRole:
		r.mask = cell
	case portRole:
		r.notes = append(r.notes, "Port "+shown(cell)+".")
	case noteRole:
		r.notes = append(r.notes, c.name+": "+cell)
	case tlpRole:
		e.TLP = ctim.ParseTLP(cell)
	case titleRole:
		e.Title = cmp.Or(e.Title, cell)
	case descriptionRole:
		e.Description = joinNotes(e.Description, cell)
	case tagsRole:
		e.Tags = union(e.Tags, splitList(cell))
	case verdictTagsRole:
		if !isVerdict(cell) {
			e.Tags = union(e.Tags, splitList(cell))
		}
	case sourceRole:
		e.Source = cell
	case referenceRole:
		e.SourceURL = cmp.Or(e.SourceURL, ctim.WebURL(cell))
	case idRole:
		e.ExternalIDs = []string{cell}
	case firstSeenRole:
		if t, err := parseDate(cell, c.order); err == nil && e.FirstSeen.IsZero() {
			e.FirstSeen = t
		}
	case validFromRole:
		e.ValidFrom, _ = parseDate(cell, c.order)
	case threatRole:
		for _, name := range splitList(cell) {
			e.Indicates = threat.Append(e.Indicates, threat.Named(c.threat, name))
		}
	}
	return nil
}

// readFlag parses a cell with yes or no.
func (c *column) readFlag(cell string, e *entry.Entry) (skipped error) {
	yes, ok := lenient.ParseYes(cell)
	switch {
	case !ok && isBlank(cell):
	case !ok:
		return fmt.Errorf("%s is neither yes nor no", c.role)
	case c.role == subdomainsRole:
		e.Subdomains = yes
	case c.role == allowRole && yes:
		e.Disposition = ctim.Clean
	case c.role == detectRole && !yes:
		return errors.New("not meant for detection")
	case c.role == activeRole && !yes, c.role == withdrawnRole && yes:
		return errWithdrawn
	}
	return nil
}

// isBlank reports whether a cell means that there is no value.
func isBlank(cell string) bool {
	switch strings.ToLower(strings.Trim(cell, "-:")) { // a row of hyphens is below a header in Markdown
	case "", "n/a", "na", "none", "null", "(null)", "nil", "nan", "[]", "unknown", "undefined", "\\n":
		return true
	}
	return false
}

// splitList returns the items of a cell that contains a list.
func splitList(cell string) []string {
	parts := strings.FieldsFunc(cell, func(r rune) bool { return r == ';' || r == '|' || r == ',' || r == '\n' })
	var list []string
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// maxSampleRows is how many rows are read to detect the columns.
const maxSampleRows = 200

// Shares of a column's cells from which its role is decided.
const (
	most = 0.8
	some = 0.3
)

// sample describes the cells of a column in the first rows.
type sample struct {
	cells []string
	// values is the share of cells that are values of the column's kind, hashes that of
	// hashes, and kinds that of names of kinds, all from 0 to 1.
	values, hashes, kinds float64
}

func (c *column) setSample(at int, rows [][]string) {
	c.sample = sample{}
	for _, cells := range rows {
		if at < len(cells) && !isBlank(strings.TrimSpace(cells[at])) {
			c.cells = append(c.cells, strings.TrimSpace(cells[at]))
		}
	}
	c.values = share(c.cells, func(cell string) bool { _, err := readCell(c.kind, cell); return err == nil })
	c.hashes = share(c.cells, func(cell string) bool { _, err := readCell(anyHash, cell); return err == nil })
	c.kinds = share(c.cells, isKindName)
}

// share returns the share of items that have a property, from 0 to 1.
func share[T any](items []T, property func(T) bool) float64 {
	n := 0
	for _, item := range items {
		if property(item) {
			n++
		}
	}
	return float64(n) / max(1, float64(len(items)))
}

// newTable returns a table with the chosen columns. Without choices, it detects their
// roles by their names and the first rows, and fails if they are ambiguous.
func newTable(columns []column, rows [][]string, choices []ColumnChoice) (table, error) {
	t := table(columns)
	for i := range t {
		t[i].setSample(i, rows)
	}
	var err error
	if choices != nil {
		err = t.choose(choices)
	} else {
		err = t.detect()
	}
	for i := range t {
		switch c := &t[i]; c.role {
		case firstSeenRole, validFromRole, validUntilRole:
			c.order = orderOf(c.cells)
		}
	}
	return t, err
}

// detect sets the columns' roles.
func (t table) detect() error {
	t.checkNames()
	for i := range t { // "Data" are dates in some languages
		if c := &t[i]; c.role == valueRole && c.kind == "" && share(c.cells, isDate) == 1 {
			c.role, c.why = ignoredRole, "its cells are dates"
		}
	}
	hasCells, hasValues := false, false
	for _, c := range t {
		if c.role == valueRole {
			hasCells, hasValues = hasCells || len(c.cells) > 0, hasValues || c.values > 0
		}
	}
	switch {
	case !t.hasValue():
		if err := t.findValue(); err != nil {
			return err
		}
	case hasCells && !hasValues && !t.has(typeRole):
		named := slices.Clone(t)
		for i := range t {
			if c := &t[i]; c.role == valueRole {
				c.role, c.kind, c.why = ignoredRole, "", "none of its first cells is a value"
			}
		}
		if t.findValue() != nil {
			copy(t, named) // the rows are invalid, not the names
		}
	}
	t.demoteWeak()
	return t.checkEnds()
}

// checkEnds refuses a table with both ends of connections, since either may be the
// victim's.
func (t table) checkEnds() error {
	from, to := "", ""
	for _, c := range t {
		for _, word := range wordsOf(strings.Replace(plainName(c.name), "ip", " ip ", 1)) {
			switch {
			case c.role != valueRole:
			case word == "src", word == "source":
				from = c.name
			case word == "dst", word == "dest", word == "destination":
				to = c.name
			}
		}
	}
	if from != "" && to != "" {
		return fmt.Errorf("columns %q and %q are both ends of connections, and one may be the victim's", from, to)
	}
	return nil
}

// isList reports whether the first column has the values, and no other column has a
// role.
func (t table) isList() bool {
	return t[0].role == valueRole && !slices.ContainsFunc(t[1:], func(c column) bool { return c.role != unknownRole })
}

func (t table) has(r role) bool {
	return slices.ContainsFunc(t, func(c column) bool { return c.role == r })
}

func (t table) hasValue() bool {
	return t.has(valueRole) || t.has(firstRole) && t.has(lastRole)
}

// cellRule is a form that at least half of a column's cells must have.
type cellRule struct {
	isValid func(cell string) bool
	// otherwise is the role of the column if they don't, and why the reason.
	otherwise role
	why       string
}

// cellRules are the rules for the roles that have one.
var cellRules = func() map[role]cellRule {
	isFlag := cellRule{func(cell string) bool { _, ok := lenient.ParseYes(cell); return ok }, ignoredRole, "its cells are neither yes nor no"}
	isAddress := cellRule{isObservable, ignoredRole, "its cells aren't addresses"}
	return map[role]cellRule{
		dispositionRole: {func(cell string) bool { _, err := ParseDisposition(cell); return err == nil }, tagsRole, "its cells aren't dispositions"},
		statusRole:      {func(cell string) bool { _, ok, _ := parseStatus(cell); return ok }, ignoredRole, "its cells aren't statuses"},
		actionRole:      {func(cell string) bool { _, err := parseAction(cell); return err == nil }, ignoredRole, "its cells aren't actions"},
		allowRole:       isFlag, activeRole: isFlag, detectRole: isFlag, withdrawnRole: isFlag, subdomainsRole: isFlag,
		firstRole: isAddress, lastRole: isAddress,
	}
}()

// checkNames changes the roles of columns whose cells contradict their names.
func (t table) checkNames() {
	for i := range t {
		c := &t[i]
		rule, ok := cellRules[c.role]
		switch {
		case len(c.cells) == 0:
		case c.role == valueRole && c.kind == "" && (c.kinds >= most && c.values < some || c.kinds >= some && c.values == 0):
			c.role, c.why = typeRole, "its cells are the names of types"
		case c.role == typeRole && c.kinds < some:
			c.role, c.why = tagsRole, "its cells aren't the names of types"
		case ok && share(c.cells, rule.isValid) < 0.5:
			c.role, c.why = rule.otherwise, rule.why
		}
		if c.role == tagsRole && share(c.cells, isVerdict) >= 0.5 { // "benign" is no tag of something malicious
			c.role, c.why = verdictTagsRole, "its cells are statuses"
		}
	}
	for i := range t {
		if c := &t[i]; (c.role == firstRole || c.role == lastRole) && !(t.has(firstRole) && t.has(lastRole)) {
			c.role = ignoredRole
		}
	}
}

// findValue finds the value column of a table whose names don't show it: the only one
// in which most cells are values. With a column of types, some values are enough.
// Several columns may have the hashes of the same files.
func (t table) findValue() error {
	var found []int
	for i := range t {
		switch c := &t[i]; {
		case c.kinds >= most:
			if c.name == "" {
				c.role = typeRole
			}
		case c.role == typeRole, c.role == referenceRole, c.role == idRole, c.why != "":
		case c.values >= most:
			found = append(found, i)
		}
	}
	if best := some; len(found) == 0 && t.has(typeRole) {
		for i, c := range t {
			if c.role == unknownRole && c.values > best {
				found, best = []int{i}, c.values
			}
		}
	}
	if slices.ContainsFunc(found, func(i int) bool { return t[i].hashes < t[i].values }) {
		if found = t.withoutLinks(found); len(found) > 1 {
			return fmt.Errorf("columns %d and %d both have values", found[0]+1, found[1]+1)
		}
	}
	if len(found) == 0 {
		return errors.New("none of its columns has values")
	}
	for _, i := range found {
		t[i].role, t[i].why = valueRole, "its cells are values"
	}
	for i := range t { // without a header, all other text is a note
		if c := &t[i]; c.role == unknownRole && c.name == "" && len(c.cells) > 0 && share(c.cells, isProse) >= 0.5 {
			c.role = descriptionRole
		}
	}
	return nil
}

// withoutLinks leaves out columns in which every cell is the URL of a web page, unless
// all columns are like that. They are references.
func (t table) withoutLinks(found []int) []int {
	isLinks := func(i int) bool {
		return share(t[i].cells, func(cell string) bool { return ctim.WebURL(cell) != "" }) == 1
	}
	rest := slices.DeleteFunc(slices.Clone(found), isLinks)
	if len(rest) == 0 {
		return found
	}
	for _, i := range found {
		if isLinks(i) {
			t[i].role, t[i].why = referenceRole, "its cells are links"
		}
	}
	return rest
}

// isProse reports whether a cell has words rather than a number or a date.
func isProse(cell string) bool { return strings.ContainsFunc(cell, isLetter) && !isDate(cell) }

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127 }

// demoteWeak turns columns of weak values into notes if the table has strong ones: see
// isWeak. Beside a column for values of any type, which another column names, an address
// belongs to the value's host.
func (t table) demoteWeak() {
	strong := func(c column) bool { return c.role == firstRole || c.role == valueRole && !isWeak(c.kind) }
	anyType := func(c column) bool { return c.role == valueRole && c.kind == "" && t.has(typeRole) }
	for i := range t {
		switch c := &t[i]; {
		case c.role != valueRole:
		case family(c.kind) == anyAddress && slices.ContainsFunc(t, func(other column) bool { return anyType(other) && len(other.cells) >= len(c.cells) }):
			c.role, c.why = noteRole, "beside values of any type"
		case !isWeak(c.kind) || !slices.ContainsFunc(t, strong):
		case c.kind == ctim.TypeEmail:
			c.role, c.why = ignoredRole, "may be anybody's beside the other values"
		default:
			c.role, c.why = noteRole, "too weak beside the other values"
		}
	}
}
