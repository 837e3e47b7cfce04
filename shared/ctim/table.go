package ctim

import (
	"encoding/json"
	"slices"
)

// Table is a table of texts in a sighting, such as the fields of a log message. The
// zero value is no table.
type Table struct {
	// Columns are the names of the columns.
	Columns []string
	// Rows have a text for each column.
	Rows [][]string
}

// IsZero reports whether the table has no columns.
func (t Table) IsZero() bool { return len(t.Columns) == 0 }

// Row returns texts as a row of a table.
func Row[T ~string](texts ...T) []string {
	row := make([]string, len(texts))
	for i, text := range texts {
		row[i] = string(text)
	}
	return row
}

// compact returns the table without columns that are empty in all rows.
func (t Table) compact() Table {
	out := Table{Rows: make([][]string, len(t.Rows))}
	for i, name := range t.Columns {
		if !slices.ContainsFunc(t.Rows, func(row []string) bool { return row[i] != "" }) {
			continue
		}
		out.Columns = append(out.Columns, name)
		for j, row := range t.Rows {
			out.Rows[j] = append(out.Rows[j], row[i])
		}
	}
	return out
}

// MarshalJSON implements json.Marshaler.
func (t Table) MarshalJSON() ([]byte, error) {
	type column struct {
		Name ShortString `json:"name"`
		Type string      `json:"type"`
	}
	columns, rows := make([]column, len(t.Columns)), make([][]LongString, len(t.Rows))
	for i, name := range t.Columns {
		columns[i] = column{ShortString(name), "string"}
	}
	for i, row := range t.Rows {
		rows[i] = make([]LongString, len(row))
		for j, text := range row {
			rows[i][j] = LongString(text)
		}
	}
	return json.Marshal(struct {
		Columns []column       `json:"columns"`
		Rows    [][]LongString `json:"rows"`
	}{columns, rows})
}
