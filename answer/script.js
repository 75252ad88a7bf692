'use strict'

// The network: what it reads from, what it answers with.
let runner, inputView, outputView

// Loads the converted network on the best backend that this browser has.
async function initialize() {
  runner = await WebDNN.load('./webdnn_graph_descriptor')
  inputView = runner.getInputViews()[0]
  outputView = runner.getOutputViews()[0]
}

// Asks the network which digit is drawn. Returns ten probabilities, for 0 to 9.
async function calculate(canvas) {
  const image = await WebDNN.Image.getImageArray(canvas, {
    // the size of the pictures that the network was trained on
    dstH: 28, dstW: 28,
    color: WebDNN.Image.Color.GREY,
    // Chainer wants CHW and Keras HWC; with one channel, as here, they are the same.
    order: WebDNN.Image.Order.HWC,
    // A number becomes (number - bias) / scale: from 0 … 255 to the 0 … 1 that the network was trained on.
    bias: [0, 0, 0],
    scale: [255, 255, 255],
  })
  inputView.set(image)
  await runner.run()
  return outputView.toActual()
}

// ---- From here on there is nothing to fill in: the page around the network. ----

const READY = 'Draw a digit.'
const canvas = document.getElementById('draw')
const result = document.getElementById('result')
const painter = new Painter(canvas, document.getElementById('pen'), request)
let isLoaded = false
let isBusy = false
let isAsked = false // the drawing has changed since the last calculation began

// The network is asked once at a time; what is drawn meanwhile is asked about next.
async function request() {
  isAsked = true
  if (isBusy || !isLoaded) return
  isBusy = true
  try {
    while (isAsked) {
      isAsked = false
      const probabilities = await calculate(canvas)
      if (!painter.isBlank) showProbabilities(probabilities)
    }
  } catch (error) {
    showError(error)
  } finally {
    isAsked = false
    isBusy = false
  }
}

document.getElementById('reset').addEventListener('click', () => {
  painter.clear()
  if (isLoaded) showText(READY)
  else start()
})

// ---- What the result looks like ----

// Screen readers read this line when it changes, the ten lines below it only on request.
const answer = document.createElement('p')
answer.setAttribute('role', 'status')
answer.setAttribute('aria-live', 'polite')
const list = document.createElement('ol')
list.setAttribute('aria-label', 'Probabilities')
const rows = Array.from({ length: 10 }, () => {
  const row = document.createElement('li')
  const text = document.createElement('span')
  const bar = document.createElement('div')
  const filled = document.createElement('div')
  bar.className = 'bar'
  bar.setAttribute('aria-hidden', 'true')
  bar.append(filled)
  row.append(text, bar)
  list.append(row)
  return { row, text, filled }
})
result.append(answer, list)

function showText(text, isError = false) {
  answer.textContent = text
  answer.classList.toggle('error', isError)
  list.hidden = true
}

function showProbabilities(probabilities) {
  const best = WebDNN.Math.argmax(probabilities)[0]
  rows.forEach(({ row, text, filled }, digit) => {
    const percent = Math.floor(100 * probabilities[digit])
    text.textContent = `${digit}: ${percent}%`
    filled.style.width = `${100 * probabilities[digit]}%`
    row.classList.toggle('best', digit === best)
  })
  answer.textContent = `This looks like a ${best}.`
  answer.classList.remove('error')
  list.hidden = false
}

function showError(error) {
  console.warn(error)
  const what = isLoaded ? 'The digit could not be read' : 'The network could not be loaded'
  showText(`${what}: ${describe(error)}${isLoaded ? '' : ' Press Reset to try again.'}`, true)
}

function describe(error) {
  const causes = error.causes && error.causes.length ? error.causes : [error]
  if (causes.every(cause => cause.code === 'HTTP')) {
    return 'there is none in webdnn_graph_descriptor/ beside this page. Train and convert one first, as the text of the exercise says.'
  }
  return error.message
}

// Loads the network; Reset tries again where that failed.
async function start() {
  if (isBusy) return
  isBusy = true
  showText('Loading the network …')
  try {
    if (typeof WebDNN === 'undefined') throw new Error('webdnn.js is missing: index.html has to load it with a script tag, and it has to lie beside it.')
    await initialize()
    isLoaded = true
    showText(READY)
    document.getElementById('backend').textContent = `Runs on ${runner.backendName}, in this browser; nothing is sent anywhere.`
  } catch (error) {
    showError(error)
  } finally {
    isBusy = false
  }
  if (!painter.isBlank) request() // something was drawn meanwhile
}

start()
