# Makes oracle.csv: numbers of R for data sets that come with R, as an independent
# source for the unit tests.  Run with: Rscript oracle.R > oracle.csv
# R is needed to make the file, not to run the tests.
options(digits = 17)
num <- function(x) format(x, digits = 15, scientific = NA, trim = TRUE)
cat("# ", R.version.string, "; made by oracle.R\n", sep = "")
cat("kind,name,key,value\n")
data_row <- function(name, v) for (x in v) cat("data,", name, ",,", num(x), "\n", sep = "")
say <- function(name, key, v) cat("number,", name, ",", key, ",", num(v), "\n", sep = "")

sets <- list(
  michelson1 = morley$Speed[morley$Expt == 1], michelson2 = morley$Speed[morley$Expt == 2],
  control = PlantGrowth$weight[PlantGrowth$group == "ctrl"],
  treated = PlantGrowth$weight[PlantGrowth$group == "trt1"],
  temperature = as.numeric(nhtemp), rivers = rivers,
  six = c(4.17, 5.58, 5.18, 6.11, 4.50, 4.61), base = c(4.81, 4.17, 4.41, 3.59, 5.87, 3.83),
  two = c(3, 5), wide = c(1, 20, 60), none = c(0, 3, 4), single = 42, equal = c(7, 7, 7, 7), signs = c(-3, 0, 0, 2.5, 11))

for (s in names(sets)) {
  v <- sets[[s]]; n <- length(v)
  data_row(s, v)
  say(s, "mean", mean(v)); say(s, "median", median(v))
  q <- quantile(v, c(0.1, 0.25, 0.75, 0.99), type = 7, names = FALSE)
  say(s, "q0.1", q[1]); say(s, "q1", q[2]); say(s, "q3", q[3]); say(s, "q0.99", q[4])
  if (n < 2) next
  say(s, "sd", sd(v))
  if (sd(v) > 0) {
    ci <- t.test(v)$conf.int
    say(s, "t.lo", ci[1]); say(s, "t.hi", ci[2])
    if (all(v >= 0) && n < 6) {   # var(log m) is var(m) / m^2
      l <- mean(v) * exp(c(-1, 1) * qt(0.975, n - 1) * sd(v) / sqrt(n) / mean(v))
      say(s, "log.lo", l[1]); say(s, "log.hi", l[2])
    }
    if (n >= 3) say(s, "acf1", acf(v, lag.max = 1, plot = FALSE)$acf[2])
  }
  r <- max(1, qbinom(0.025, n, 0.5))        # rank of the lower end
  o <- sort(v)
  say(s, "median.lo", o[r]); say(s, "median.hi", o[n + 1 - r])
  say(s, "median.level", 1 - 2 * pbinom(r - 1, n, 0.5))
  if (all(v > 0)) say(s, "geometric", exp(mean(log(v))))
}

# BCa without resampling noise: every multiset of n draws with its probability.
multisets <- function(n) {
  g <- list(); rec <- function(left, k, acc) {
    if (k == 1) { g[[length(g) + 1]] <<- c(acc, left); return(invisible()) }
    for (c in 0:left) rec(left - c, k - 1, c(acc, c))
  }
  rec(n, n, c()); do.call(rbind, g)
}
weighted_quantile <- function(t, w, p) { o <- order(t); t[o][which(cumsum(w[o]) >= p)[1]] }
bca <- function(t, w, t0, l, n) {
  z0 <- qnorm(sum(w[t < t0]) + sum(w[t == t0]) / 2)
  a <- sum(l^3) / (6 * sum(l^2)^1.5)
  z <- qt(0.975, n - 1) * sqrt(n / (n - 1))
  adj <- function(z) pnorm(z0 + (z0 + z) / (1 - a * (z0 + z)))
  c(weighted_quantile(t, w, adj(-z)), weighted_quantile(t, w, adj(z)))
}
jack <- function(v, f) { n <- length(v); j <- sapply(seq_len(n), function(i) f(v[-i])); (n - 1) * (mean(j) - j) / n }
m6 <- multisets(6); w6 <- apply(m6, 1, function(c) exp(lgamma(7) - sum(lgamma(c + 1)) - 6 * log(6)))
six <- sets$six; base <- sets$base
t6 <- as.vector(m6 %*% six) / 6; b6 <- as.vector(m6 %*% base) / 6
ci <- bca(t6, w6, mean(six), jack(six, mean), 6)
say("six", "bca.lo", ci[1]); say("six", "bca.hi", ci[2])
ratio <- as.vector(outer(t6, b6, "/")); wr <- as.vector(outer(w6, w6))
l <- c(jack(six, function(v) mean(v) / mean(base)), jack(base, function(b) mean(six) / mean(b)))
ci <- bca(ratio, wr, mean(six) / mean(base), l, 6)
say("six/base", "ratio", mean(six) / mean(base))
say("six/base", "bca.lo", ci[1]); say("six/base", "bca.hi", ci[2])

# Few trials: delta method on the logarithm, Welch's degrees of freedom.
delta <- function(a, b) {
  va <- var(a) / length(a) / mean(a)^2; vb <- var(b) / length(b) / mean(b)^2
  df <- (va + vb)^2 / (va^2 / (length(a) - 1) + vb^2 / (length(b) - 1))
  mean(a) / mean(b) * exp(c(-1, 1) * qt(0.975, df) * sqrt(va + vb))
}
ci <- delta(six[1:4], base[1:3])
say("six4/base3", "delta.lo", ci[1]); say("six4/base3", "delta.hi", ci[2])
ci <- delta(rep(rivers, 5), rep(sets$temperature, 10))
say("rivers5/temperature10", "delta.lo", ci[1]); say("rivers5/temperature10", "delta.hi", ci[2])

# Vangel (1996), modified McKay
v <- six[1:5]; k <- sd(v) / mean(v); n <- 5; u <- qchisq(c(0.975, 0.025), n - 1)
ci <- k / sqrt(((u + 2) / n - 1) * k^2 + u / (n - 1))
say("six5", "cv", k); say("six5", "vangel.lo", ci[1]); say("six5", "vangel.hi", ci[2])

# Variance components of an unbalanced and a balanced one-way layout
components <- function(name, v, g) {
  for (i in seq_along(v)) { cat("data,", name, ",", as.integer(g)[i], ",", num(v[i]), "\n", sep = "") }
  ms <- anova(lm(v ~ g))[["Mean Sq"]]; k <- table(g)
  n0 <- (sum(k) - sum(k^2) / sum(k)) / (length(k) - 1)
  say(name, "within", ms[2]); say(name, "between", max(0, (ms[1] - ms[2]) / n0))
}
components("chickwts", chickwts$weight, chickwts$feed)
components("warpbreaks", warpbreaks$breaks, interaction(warpbreaks$wool, warpbreaks$tension))

p <- c(0.01, 0.04, 0.03, 0.005, 0.8, 0.03)
data_row("holm", p)
h <- p.adjust(p, "holm")
for (i in seq_along(h)) say("holm", i - 1, h[i])

# Quotient of two independent estimates by recovered variances (MOVER) on the logarithm, and the
# two-sided p value of a ratio whose 95 % interval is known (Altman and Bland 2011, on the
# logarithm): where the bound would be just outside.
mover <- function(x, y) {	# each c(low, point, high)
  d <- log(x[2] / y[2])
  exp(d + c(-sqrt(log(x[2] / x[1])^2 + log(y[3] / y[2])^2), sqrt(log(x[3] / x[2])^2 + log(y[2] / y[1])^2)))
}
ci <- mover(c(1.6, 2, 2.6), c(0.4, 0.5, 0.7))
say("mover", "lo", ci[1]); say("mover", "hi", ci[2])
of_interval <- function(e, bound) {
  se <- (if (bound >= e[2]) log(e[3] / e[2]) else log(e[2] / e[1])) / qnorm(0.975)
  2 * pnorm(-abs(log(e[2] / bound)) / se)
}
say("p-ratio", "below", of_interval(c(0.80, 0.90, 1.05), 1))
say("p-ratio", "above", of_interval(c(1.60, 2.00, 2.60), 1.5))
say("p-ratio", "near", max(of_interval(c(0.97, 1.00, 1.02), 0.95), of_interval(c(0.97, 1.00, 1.02), 1.05)))
