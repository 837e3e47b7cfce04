package formats

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/threat"
)

// table has the columns of a table, with their roles.
type table struct {
	columns []column
}

// row has the values of a row, and what is needed to parse them.
type row struct {
	// kind is the name of the values' type in the row, or "".
	kind string
	// defaultKind is the kind of values if neither the row nor the column has one.
	defaultKind ctim.ObservableType
	// first and last are the ends of a range of addresses.
	first, last string
	// values are those of the value columns, with their columns' kinds.
	values []ctim.Observable
	notes  []string
}

// addRow yields the entries of a row, or a skipped record.
func (f *file) addRow(t *table, line int, cells []string) error {
	e := f.options.blank()
	r := row{defaultKind: f.options.Type}
	for i, c := range t.columns {
		if i >= len(cells) {
			break
		}
		cell := strings.TrimSpace(cells[i])
		if cell == "" {
			continue
		}
		if skipped := c.read(cell, &e, &r); skipped != nil {
			return f.skip(line, cmp.Or(t.valueOf(cells), cell), skipped.Error())
		}
	}
	if r.first != "" && r.last != "" {
		return f.addRange(line, e, r)
	}
	if len(r.values) == 0 {
		text := strings.TrimSpace(strings.Join(cells, " "))
		if text == "" {
			return nil // a blank row
		}
		return f.skip(line, text, "the value is blank")
	}
	for _, v := range r.values {
		if err := f.addCell(line, e, r, v); err != nil {
			return err
		}
	}
	return nil
}

// valueOf returns the first cell of a value column that isn't blank.
func (t *table) valueOf(cells []string) string {
	for i, c := range t.columns {
		if c.isValue() && i < len(cells) && cells[i] != "" {
			return cells[i]
		}
	}
	return ""
}

// addCell yields the entries of a value cell. A cell may have several values.
func (f *file) addCell(line int, e entry.Entry, r row, v ctim.Observable) error {
	readings, err := r.read(v)
	if err != nil {
		return f.skip(line, v.Value, err.Error())
	}
	notes := e.Description
	for _, reading := range readings {
		record := Record{Line: line, Entry: e, Value: shown(v.Value)}
		record.Entry.Observable = reading.observable
		record.Entry.Subdomains = isDomain(reading.observable.Type) && (reading.subdomains || e.Subdomains)
		record.Entry.Description = joinNotes(append([]string{notes, reading.note}, r.notes...)...)
		if err := f.add(&record); err != nil {
			return err
		}
	}
	return nil
}

// read parses a value cell, as its column's kind or as the kind in the row.
func (r *row) read(v ctim.Observable) ([]reading, error) {
	if r.kind == "" && v.Type == "" {
		v.Type = r.defaultKind
	}
	if r.kind == "" || v.Type != "" && v.Type != anyHash && v.Type != anyAddress && v.Type != anyFile {
		return readCell(v.Type, v.Value)
	}
	parts, ok := partsOf(r.kind, v.Value)
	if !ok {
		return nil, errors.New(typeProblem(r.kind))
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

// readCell parses a cell of one or several values of a kind.
func readCell(kind ctim.ObservableType, cell string) ([]reading, error) {
	if kind == anyFile { // a name may have commas, hashes don't
		if hashes, err := readCell(anyHash, cell); err == nil {
			return hashes, nil
		}
	}
	one, err := readValue(kind, cell)
	if err == nil {
		return []reading{one}, nil
	}
	several := strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(",;| \t\n", r) })
	if len(several) < 2 {
		return nil, err
	}
	var all []reading
	for _, part := range several {
		one, partErr := readValue(kind, part)
		if partErr == nil && isDomain(one.observable.Type) && !strings.Contains(one.observable.Value, ".") {
			return nil, err // a part of an invalid name
		}
		switch {
		case partErr == nil:
			all = append(all, one)
		case !isOtherHash(part):
			return nil, err
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

// addRange yields the networks of a range of addresses.
func (f *file) addRange(line int, e entry.Entry, r row) error {
	text := r.first + "-" + r.last
	networks, err := networksOf(r.first, r.last)
	if err != nil {
		return f.skip(line, text, err.Error())
	}
	e.Description = joinNotes(append([]string{e.Description}, r.notes...)...)
	for _, network := range networks {
		record := Record{Line: line, Entry: e, Value: shown(text)}
		record.Entry.Observable = network
		if err := f.add(&record); err != nil {
			return err
		}
	}
	return nil
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
		r.values = append(r.values, ctim.Observable{Type: c.kind, Value: cell})
	case typeRole:
		r.kind = cell
	case firstRole:
		r.first = cell
	case lastRole:
		r.last = cell
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
	case sourceRole:
		e.Source = cell
	case referenceRole:
		e.SourceURL = cmp.Or(e.SourceURL, normalize.WebURL(cell))
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
		return errors.New("marked as no longer valid")
	}
	return nil
}

// isBlank reports whether a cell means that there is no value.
func isBlank(cell string) bool {
	switch strings.ToLower(cell) {
	case "", "-", "--", "n/a", "na", "none", "null", "(null)", "nil", "nan", "[]", "unknown", "undefined", "\\n":
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

// sampled describes the cells of a column in the first rows.
type sampled struct {
	cells []string
	// values is the share of cells that are values of the column's kind, and kinds
	// that of names of kinds, both from 0 to 1.
	values, kinds float64
	// families are the families of the values.
	families []ctim.ObservableType
}

func sample(c column, at int, rows [][]string) sampled {
	var s sampled
	values, kinds := 0, 0
	for _, cells := range rows {
		if at >= len(cells) || isBlank(strings.TrimSpace(cells[at])) {
			continue
		}
		cell := strings.TrimSpace(cells[at])
		s.cells = append(s.cells, cell)
		if isKindName(cell) {
			kinds++
		}
		if readings, err := readCell(c.kind, cell); err == nil {
			values++
			if kind := family(readings[0].observable.Type); !slices.Contains(s.families, kind) {
				s.families = append(s.families, kind)
			}
		}
	}
	if n := float64(len(s.cells)); n > 0 {
		s.values, s.kinds = float64(values)/n, float64(kinds)/n
	}
	return s
}

// Shares of a column's cells from which its role is decided.
const (
	most = 0.8
	some = 0.3
)

// newTable returns a table with the chosen columns. Without choices, it detects their
// roles by their names and the first rows, and fails if they are ambiguous.
func newTable(columns []column, rows [][]string, choices []ColumnChoice) (*table, error) {
	t := &table{columns: columns}
	var err error
	if choices != nil {
		t, err = chosen(columns, choices)
	} else {
		err = t.detect(rows)
	}
	if err != nil {
		return nil, err
	}
	t.setOrders(rows)
	return t, nil
}

// detect sets the columns' roles.
func (t *table) detect(rows [][]string) error {
	columns := t.columns
	samples := make([]sampled, len(columns))
	for i := range columns {
		samples[i] = sample(columns[i], i, rows)
	}
	t.checkNames(samples)
	switch {
	case !t.hasValue():
		if err := t.findValue(samples); err != nil {
			return err
		}
	case !t.has(typeRole) && !t.showsValue(samples):
		named := slices.Clone(t.columns)
		for i := range t.columns {
			if c := &t.columns[i]; c.role == valueRole {
				c.role, c.kind, c.why = ignoredRole, "", "none of its first cells is a value"
			}
		}
		if t.findValue(samples) != nil {
			copy(t.columns, named) // the rows are invalid, not the names
		}
	}
	t.demoteWeak(samples)
	return t.checkEnds()
}

// checkEnds refuses a table with both ends of connections, since either may be the
// victim's.
func (t *table) checkEnds() error {
	from, to := "", ""
	for _, c := range t.columns {
		if !c.isValue() {
			continue
		}
		for _, word := range wordsOf(strings.Replace(plainName(c.name), "ip", " ip ", 1)) {
			switch word {
			case "src", "source":
				from = c.name
			case "dst", "dest", "destination":
				to = c.name
			}
		}
	}
	if from != "" && to != "" {
		return fmt.Errorf("columns %q and %q are both ends of connections, and one may be the victim's", from, to)
	}
	return nil
}

// setOrders detects the order of dates in the columns.
func (t *table) setOrders(rows [][]string) {
	for i := range t.columns {
		switch t.columns[i].role {
		case firstSeenRole, validFromRole, validUntilRole:
			t.columns[i].order = orderOf(sample(column{}, i, rows).cells)
		}
	}
}

// isList reports whether the first column has the values, and no other column has a
// role.
func (t *table) isList() bool {
	return t.columns[0].isValue() && !slices.ContainsFunc(t.columns[1:], func(c column) bool { return c.role != unknownRole })
}

func (t *table) has(r role) bool {
	return slices.ContainsFunc(t.columns, func(c column) bool { return c.role == r })
}

func (t *table) hasValue() bool {
	return t.has(valueRole) || t.has(firstRole) && t.has(lastRole)
}

// cellRules are the roles that need cells of a form, and the role and reason otherwise.
var cellRules = map[role]struct {
	isValid   func(cell string) bool
	otherwise role
	why       string
}{
	dispositionRole: {func(cell string) bool { _, err := ParseDisposition(cell); return err == nil }, tagsRole, "its cells aren't dispositions"},
	actionRole:      {func(cell string) bool { _, err := parseAction(cell); return err == nil }, ignoredRole, "its cells aren't actions"},
	allowRole:       {isFlag, ignoredRole, notFlags},
	activeRole:      {isFlag, ignoredRole, notFlags},
	detectRole:      {isFlag, ignoredRole, notFlags},
	withdrawnRole:   {isFlag, ignoredRole, notFlags},
	subdomainsRole:  {isFlag, ignoredRole, notFlags},
}

const notFlags = "its cells are neither yes nor no"

func isFlag(cell string) bool {
	_, ok := lenient.ParseYes(cell)
	return ok
}

// checkNames changes the roles of columns whose cells contradict their names.
func (t *table) checkNames(samples []sampled) {
	ranges := 0
	for i := range t.columns {
		c, s := &t.columns[i], samples[i]
		if len(s.cells) == 0 {
			continue
		}
		switch {
		case c.role == valueRole && c.kind == "" && (s.kinds >= most && s.values < some || s.kinds >= some && s.values == 0):
			c.role, c.kind, c.why = typeRole, "", "its cells are the names of types"
		case c.role == typeRole && s.kinds < some:
			c.role, c.why = tagsRole, "its cells aren't the names of types"
		case c.role == firstRole || c.role == lastRole:
			if s.values < most {
				c.role = ignoredRole
			} else {
				ranges++
			}
		default:
			if rule, ok := cellRules[c.role]; ok && !half(s.cells, rule.isValid) {
				c.role, c.why = rule.otherwise, rule.why
			}
		}
	}
	if ranges != 2 {
		for i := range t.columns {
			if c := &t.columns[i]; c.role == firstRole || c.role == lastRole {
				c.role = ignoredRole
			}
		}
	}
}

// showsValue reports whether any of the first cells of the value columns is a value,
// or all are blank.
func (t *table) showsValue(samples []sampled) bool {
	cells := 0
	for i, c := range t.columns {
		if c.role != valueRole {
			continue
		}
		if cells += len(samples[i].cells); samples[i].values > 0 {
			return true
		}
	}
	return cells == 0
}

// half reports whether at least half of the cells have a property.
func half(cells []string, property func(string) bool) bool {
	n := 0
	for _, cell := range cells {
		if property(cell) {
			n++
		}
	}
	return 2*n >= len(cells)
}

// findValue finds the value column of a table whose names don't show it: the only one
// in which most cells are values. With a column of types, some values are enough.
func (t *table) findValue(samples []sampled) error {
	var found []int
	for i, s := range samples {
		if c := t.columns[i]; c.role == typeRole || c.role == referenceRole || c.role == idRole || c.why != "" || s.kinds >= most {
			if t.columns[i].name == "" && s.kinds >= most {
				t.columns[i].role = typeRole
			}
			continue
		}
		if s.values >= most {
			found = append(found, i)
		}
	}
	if len(found) == 0 {
		found = t.valuesByType(samples)
	}
	switch {
	case len(found) == 0:
		return errors.New("none of its columns has values")
	case len(found) > 1 && !t.isOneFile(found, samples):
		if found = t.withoutLinks(found, samples); len(found) > 1 {
			return fmt.Errorf("columns %d and %d both have values", found[0]+1, found[1]+1)
		}
	}
	for _, i := range found {
		t.columns[i].role, t.columns[i].why = valueRole, "its cells are values"
	}
	for i := range t.columns { // without a header, all other text is a note
		if c := &t.columns[i]; c.role == unknownRole && c.name == "" && isProse(samples[i].cells) {
			c.role = descriptionRole
		}
	}
	return nil
}

// valuesByType returns the column with the largest share of values, if there is a column
// of types.
func (t *table) valuesByType(samples []sampled) (found []int) {
	if !t.has(typeRole) {
		return nil
	}
	best := some
	for i, s := range samples {
		if c := t.columns[i]; c.role == unknownRole && s.values > best {
			found, best = []int{i}, s.values
		}
	}
	return found
}

// isOneFile reports whether columns have hashes of the same files.
func (t *table) isOneFile(found []int, samples []sampled) bool {
	return !slices.ContainsFunc(found, func(i int) bool {
		return len(samples[i].families) != 1 || samples[i].families[0] != anyHash
	})
}

// withoutLinks leaves out columns in which every cell is the URL of a web page, unless
// all columns are like that. They are references.
func (t *table) withoutLinks(found []int, samples []sampled) []int {
	rest := slices.DeleteFunc(slices.Clone(found), func(i int) bool {
		return !slices.ContainsFunc(samples[i].cells, func(cell string) bool { return normalize.WebURL(cell) == "" })
	})
	if len(rest) == 0 {
		return found
	}
	for _, i := range found {
		if !slices.Contains(rest, i) {
			t.columns[i].role, t.columns[i].why = referenceRole, "its cells are links"
		}
	}
	return rest
}

// isProse reports whether cells are words rather than numbers and dates.
func isProse(cells []string) bool {
	return len(cells) > 0 && half(cells, func(cell string) bool { return strings.ContainsFunc(cell, isLetter) && !isDate(cell) })
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127 }

// demoteWeak turns columns of weak values into notes if the table has strong ones: see
// isWeak.
func (t *table) demoteWeak(samples []sampled) {
	strong := func(c column) bool { return c.role == valueRole && !isWeak(c.kind) }
	if !t.has(firstRole) && !slices.ContainsFunc(t.columns, strong) {
		return
	}
	for i := range t.columns {
		c := &t.columns[i]
		if c.role != valueRole || strong(*c) {
			continue
		}
		c.role, c.why = noteRole, "too weak beside the other values"
		if c.kind == ctim.TypeEmail {
			c.role, c.why = ignoredRole, "may be anybody's beside the other values"
		}
	}
}
