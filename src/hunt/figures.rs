//! Numbers as people read them: thousands set apart, bytes with a unit, a series with arrows.

/// `1234567` as `1,234,567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// As people say it: `40 s`, `6 min`, `3 h`, `2 days`.
pub fn duration(ms: u64) -> String {
    let s = ms / 1000;
    match s {
        0..120 => format!("{s} s"),
        120..7200 => format!("{} min", s / 60),
        7200..172_800 => format!("{} h", s / 3600),
        _ => format!("{} days", s / 86_400),
    }
}

/// A number with a sign that is always there.
pub fn signed(n: i64) -> String {
    let sign = if n < 0 { '-' } else { '+' };
    format!("{sign}{}", count(n.unsigned_abs()))
}

/// Decimal units, as disks and Chrome DevTools count: `1.2 MB` is 1,200,000 bytes.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    if n < 1000 {
        return format!("{n} B");
    }
    let mut value = n as f64;
    let mut unit = 0;
    // 999.95 would be shown as `1000.0`: it belongs to the next unit.
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// Bytes with a sign that is always there.
pub fn signed_bytes(n: i64) -> String {
    let sign = if n < 0 { '-' } else { '+' };
    format!("{sign}{}", bytes(n.unsigned_abs()))
}

/// `50 → 3,000 → 6,000`; a long series keeps its ends.
pub fn series(values: &[u64], show: impl Fn(u64) -> String) -> String {
    const MOST: usize = 6;
    let shown = |v: &[u64]| v.iter().map(|&n| show(n)).collect::<Vec<_>>();
    let parts = if values.len() <= MOST {
        shown(values)
    } else {
        let (head, tail) = (&values[..MOST / 2], &values[values.len() - MOST / 2..]);
        [shown(head), vec!["…".to_string()], shown(tail)].concat()
    };
    parts.join(" → ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([count(0), count(999), count(1000), count(1234567)], ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([signed(-1500), signed(0), signed(i64::MIN)], ["-1,500", "+0", "-9,223,372,036,854,775,808"]);
    }

    #[test]
    fn bytes_change_unit_before_they_need_a_fourth_digit() {
        assert_eq!(
            [bytes(999), bytes(1000), bytes(999_960), bytes(2_400_000)],
            ["999 B", "1.0 kB", "1.0 MB", "2.4 MB"]
        );
    }

    #[test]
    fn a_long_series_keeps_its_ends() {
        assert_eq!(series(&[1, 2, 3], count), "1 → 2 → 3");
        assert_eq!(series(&[1, 2, 3, 4, 5, 6, 7, 8], count), "1 → 2 → 3 → … → 6 → 7 → 8");
    }
}
