// Opens each page in Chromium at two widths, by day and by night, keeps a picture of it, and says what is wrong.
const fs = require("fs"), puppeteer = require("puppeteer-core")
const [host, folder, ...paths] = process.argv.slice(2)
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8")
const faults = []

async function look(browser, path, width, scheme) {
  const name = `${path} at ${width} px, ${scheme}`
  const page = await browser.newPage()
  page.on("console", message => message.type() === "error" && !/status of 40[14]/.test(message.text()) &&
    faults.push(`${name}: ${message.text()}`))
  await page.setViewport({ width, height: width < 600 ? 740 : 900 })
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }])
  await page.goto(host + path, { waitUntil: "load" })
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  if (wide > 0) faults.push(`${name}: ${wide} px wider than the screen`)
  const small = await page.evaluate(() => [...document.querySelectorAll("a.button, button, .tongues a")]
    .map(element => element.getBoundingClientRect()).filter(box => box.height < 24).length)
  if (small > 0) faults.push(`${name}: ${small} things are too small for a finger`)
  await page.evaluate(axe)
  const wanted = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
  const found = await page.evaluate(runOnly => axe.run({ runOnly }), wanted)
  for (const fault of found.violations) faults.push(`${name}: ${fault.id}: ${fault.nodes[0].html}`)
  await page.screenshot({ path: `${folder}/${paths.indexOf(path)}-${width}-${scheme}.png`, fullPage: true })
  await page.close()
}

async function seek(browser, path) {
  const page = await browser.newPage()
  await page.goto(host + path, { waitUntil: "load" })
  const at = await page.evaluate(() => new Promise(done => {
    const film = document.querySelector("video")
    film.muted = true
    film.addEventListener("seeked", () => done(film.currentTime))
    film.addEventListener("error", () => done(`error ${film.error && film.error.message}`))
    film.addEventListener("loadedmetadata", () => { film.currentTime = 0.5 })
    film.load(); film.play().catch(() => {})
    setTimeout(() => done("nothing within 20 s"), 20000)
  }))
  if (!(at >= 0.4)) faults.push(`the film at ${path} does not seek: ${at}`)
  await page.close()
}

async function unlock(browser, path) {
  const page = await browser.newPage()
  await page.setJavaScriptEnabled(false)
  await page.goto(host + path, { waitUntil: "load" })
  for (const [password, heading] of [["qish", "Press kit"], ["bahor", "A new park"]]) {
    await page.type("#password", password)
    await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.click("button")])
    const title = await page.title()
    if (password === "bahor" && !title.startsWith(heading)) faults.push(`${path} stays locked: ${title}`)
  }
  await page.close()
}

(async () => {
  fs.mkdirSync(folder, { recursive: true })
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage", "--lang=en"],
  })
  for (const path of paths)
    for (const [width, scheme] of [[360, "light"], [1280, "dark"], [360, "dark"], [1280, "light"]])
      await look(browser, path, width, scheme)
  await seek(browser, paths[2])
  await unlock(browser, paths[4])
  await browser.close()
  if (faults.length) { console.log(faults.join("\n")); process.exit(1) }
})().catch(error => { console.error(error); process.exit(1) })
